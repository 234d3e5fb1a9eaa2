"""What a request goes through: faults, judgement, then an addition of ours or moto."""

import socket
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from tests.clouds.aws import calls, control
from tests.clouds.aws.additions import handlers
from tests.clouds.aws.calls import Answer, Call, CloudError, Environ
from tests.clouds.aws.faults import Fault, FaultKind
from tests.clouds.aws.feature_records import flush
from tests.clouds.aws.neighbours import judge_roles
from tests.clouds.aws.validation import judge
from tests.clouds.aws.world import World


class App:
    """The WSGI application of one cloud."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO", "").startswith(control.ROOT):
            return _send(control.answer(self.world, environ), start_response)
        call = calls.read(environ)
        if call is None:
            self._let_offline_in(environ)
            return self.world.moto(environ, start_response)
        fault = self.world.faults.of(call)
        answer = self._answer(call, fault)
        self._note(call, answer)
        if fault is not None and fault.kind is FaultKind.LOST:
            _drop(environ)
        return _send(answer, start_response)

    def _let_offline_in(self, environ: Environ) -> None:
        if environ.get("REQUEST_METHOD") == "GET" and not self.world.holds_offline:
            self.world.holding(lambda: flush(self.world))

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        try:
            self.world.faults.before(fault)
            judge(call)
            judge_roles(self.world, call)
            answer = self._do(call)
        except CloudError as error:
            return calls.refusal(error, call.protocol)
        self.world.faults.after(fault)
        return answer

    def _do(self, call: Call) -> Answer:
        found = handlers().get((call.service, call.operation))
        if found is None:
            return self.world.forward(call)
        handle, addition = found
        if addition.takes_lock:
            result = self.world.holding(lambda: handle(self.world, call))
        else:
            result = handle(self.world, call)
        return result if isinstance(result, Answer) else calls.result(result, call.protocol)

    def _note(self, call: Call, answer: Answer) -> None:
        told = {"service": call.service, "operation": call.operation, "status": answer.status}
        self.world.calls.append({**told, "region": call.region})


def _send(answer: Answer, start_response: Any) -> Iterable[bytes]:
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    phrase = HTTPStatus(answer.status).phrase
    start_response(f"{answer.status} {phrase}", list(headers.items()))
    return [answer.body]


def _drop(environ: Environ) -> None:
    connection = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()
    raise ConnectionAbortedError("the answer is lost, as was asked for")
