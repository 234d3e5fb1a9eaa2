"""A caller in a process of its own: `python _load.py PORT CONNECTIONS REQUESTS < bodies.json`.

Each connection is kept and asks again as soon as it is answered. Prints the seconds that all
took, and each request's. Bare sockets: a client library would take more time than a fast server.
"""

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

_END = b"\r\n\r\n"


@dataclass
class Connection:
    """One kept connection."""

    socket: socket.socket
    began: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def ask(self, request: bytes) -> None:
        """Send the next request."""
        self.received.clear()
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read what has come, and say whether the answer is complete."""
        part = self.socket.recv(65536)
        if not part:
            raise SystemExit("the server closed the connection")
        self.received += part
        head, end, content = bytes(self.received).partition(_END)
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not 200: {bytes(self.received)[:500]!r}")
        return len(content) >= int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])


def requests_of(bodies: list[str], token: str) -> list[bytes]:
    """Return whole requests, ready to be sent."""
    head = (
        "POST /invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: "
    )
    return [f"{head}{len(body.encode())}\r\n\r\n{body}".encode() for body in bodies]


def run(port: int, connections: int, requests: list[bytes], count: int) -> list[float]:
    """Return the seconds of each of `count` requests, after the seconds of all together."""
    opened = [Connection(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
    took: list[float] = []
    asked = 0
    with selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        for connection in opened:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(requests[asked % len(requests)])
            asked += 1
        while len(took) < count:
            for key, _ in selector.select(30):
                connection: Connection = key.data
                if connection.is_answered():
                    took.append(time.perf_counter() - connection.began)
                    connection.ask(requests[asked % len(requests)])
                    asked += 1
        return [time.perf_counter() - began, *took]


def main() -> None:
    """Read bodies and a token from standard input, print the seconds as JSON."""
    given = json.load(sys.stdin)
    port, connections, count = map(int, sys.argv[1:])
    print(json.dumps(run(port, connections, requests_of(given["bodies"], given["token"]), count)))


if __name__ == "__main__":
    main()
