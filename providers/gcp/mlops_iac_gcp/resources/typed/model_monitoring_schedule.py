"""`ModelMonitoringSchedule`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class ModelMonitoringSchedule(VertexResource):
    """When a model monitor looks."""

    token = "mlops-iac:gcp:ModelMonitoringSchedule"  # noqa: S105
    outputs = (
        "name",
        "state",
        "createTime",
    )
    name: pulumi.Output[Any]
    state: pulumi.Output[Any]
    create_time: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        display_name: pulumi.Input[str],
        max_concurrent_run_count: pulumi.Input[int],
        allow_queueing: pulumi.Input[bool] | None = None,
        create_model_monitoring_job_request: pulumi.Input[Json] | None = None,
        create_notebook_execution_job_request: pulumi.Input[Json] | None = None,
        create_pipeline_job_request: pulumi.Input[Json] | None = None,
        cron: pulumi.Input[str] | None = None,
        end_time: pulumi.Input[str] | None = None,
        max_concurrent_active_run_count: pulumi.Input[int] | None = None,
        max_run_count: pulumi.Input[int] | None = None,
        start_time: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            display_name: User provided name of the Schedule. The name can be up to 128 characters
                long and can consist of any UTF-8 characters.
            max_concurrent_run_count: Maximum number of runs that can be started concurrently for
                this Schedule. This is the limit for starting the scheduled requests and not the
                execution of the operations/jobs created by the requests (if applicable).
            allow_queueing: Whether new scheduled runs can be queued when max_concurrent_runs limit
                is reached. If set to true, new runs will be queued instead of skipped. Default to
                false.
            create_model_monitoring_job_request: Request for
                ModelMonitoringService.CreateModelMonitoringJob.
            create_notebook_execution_job_request: Request for
                NotebookService.CreateNotebookExecutionJob.
            create_pipeline_job_request: Request for PipelineService.CreatePipelineJob.
                CreatePipelineJobRequest.parent field is required (format:
                projects/{project}/locations/{location}).
            cron: Cron schedule (https://en.wikipedia.org/wiki/Cron) to launch scheduled runs. To
                explicitly set a timezone to the cron tab, apply a prefix in the cron tab:
                'CRON_TZ=${IANA_TIME_ZONE}' or 'TZ=${IANA_TIME_ZONE}'. The ${IANA_TIME_ZONE} may
                only be a valid string from IANA time zone database. For example,
                'CRON_TZ=America/New_York 1 * * * *', or 'TZ=America/New_York 1 * * * *'.
            end_time: Timestamp after which no new runs can be scheduled. If specified, The schedule
                will be completed when either end_time is reached or when scheduled_run_count >=
                max_run_count. If not specified, new runs will keep getting scheduled until this
                Schedule is paused or deleted. Already scheduled runs will be allowed to complete.
                Unset if not specified.
            max_concurrent_active_run_count: Specifies the maximum number of active runs that can be
                executed concurrently for this Schedule. This limits the number of runs that can be
                in a non-terminal state at the same time. Currently, this field is only supported
                for requests of type CreatePipelineJobRequest.
            max_run_count: Maximum run count of the schedule. If specified, The schedule will be
                completed when either started_run_count >= max_run_count or when end_time is
                reached. If not specified, new runs will keep getting scheduled until this Schedule
                is paused or deleted. Already scheduled runs will be allowed to complete. Unset if
                not specified.
            start_time: Timestamp after which the first run can be scheduled. Default to Schedule
                create time if not specified.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "displayName": display_name,
            "maxConcurrentRunCount": max_concurrent_run_count,
            "allowQueueing": allow_queueing,
            "createModelMonitoringJobRequest": create_model_monitoring_job_request,
            "createNotebookExecutionJobRequest": create_notebook_execution_job_request,
            "createPipelineJobRequest": create_pipeline_job_request,
            "cron": cron,
            "endTime": end_time,
            "maxConcurrentActiveRunCount": max_concurrent_active_run_count,
            "maxRunCount": max_run_count,
            "startTime": start_time,
        }
        super().__init__(resource_name, inputs, opts)
