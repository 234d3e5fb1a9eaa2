"""Image repositories and the projects that build into them."""

from collections.abc import Mapping

from tests.clouds.aws.plugins.rows import Call, Row, words

IMAGES: Mapping[str, Row] = {
    "aws:ecr/repository:Repository": Row(
        service="ecr",
        id=("repositoryName",),
        create=Call("CreateRepository"),
        read=(Call("DescribeRepositories", {"repositoryNames": "[id]"}, "repositories[0]"),),
        update=(Call("PutImageTagMutability"), Call("PutImageScanningConfiguration")),
        delete=(Call("DeleteRepository", {"force": "input.forceDelete"}),),
        outputs={
            "arn": "found.repositoryArn",
            "registryId": "found.registryId",
            "repositoryUrl": "found.repositoryUri",
        },
        # A list of one there, the object itself in the API.
        told={"encryptionConfigurations": "[encryptionConfiguration]"},
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Row(
        service="ecr",
        id=("repositoryName",),
        create=Call("PutLifecyclePolicy"),
        update=(Call("PutLifecyclePolicy"),),
        read=(Call("GetLifecyclePolicy"),),
        delete=(Call("DeleteLifecyclePolicy"),),
        outputs={"registryId": "found.registryId"},
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Row(
        service="ecr",
        id=("repositoryName",),
        create=Call("SetRepositoryPolicy"),
        update=(Call("SetRepositoryPolicy"),),
        read=(Call("GetRepositoryPolicy"),),
        delete=(Call("DeleteRepositoryPolicy"),),
    ),
    "aws:codebuild/project:Project": Row(
        service="codebuild",
        id=("name",),
        create=Call("CreateProject"),
        read=(Call("BatchGetProjects", {"names": "[id]"}, "projects[0]"),),
        update=(Call("UpdateProject"),),
        delete=(Call("DeleteProject"),),
        outputs={"arn": "found.arn"},
        silent=words("projectVisibility resourceAccessRole"),
    ),
}
