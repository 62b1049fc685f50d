#!/usr/bin/env python3
"""Runs a command while a seat of a feature is held, over the socket of the host's agent.

    leasehold_client.py FEATURE [--user USER] [--wait] -- COMMAND...

Each SIGUSR1 says that the command is in use; who never sends one keeps the seat while the command runs.

Standard library only. README.md beside this file describes the protocol. Ends as the command does (128 and the signal's
number more if a signal ended it), or with 125 if the command was not run.
"""

import argparse
import contextlib
import getpass
import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import sys
import threading
from pathlib import Path

PROTOCOL = [1, 1]
PAUSE = 2.0
"""Seconds between two attempts to take a lease up again; the agent keeps it for 30 s."""


class Refused(Exception):
    """The agent said no, or cannot be spoken to."""


def data_directory():
    home = Path.home()
    if sys.platform == "darwin":
        usual = home / "Library/Application Support/leasehold"
    else:
        xdg = os.environ.get("XDG_DATA_HOME", "")
        usual = (Path(xdg) if os.path.isabs(xdg) else home / ".local/share") / "leasehold"
    return Path(os.environ.get("LEASEHOLD_DATA_DIR") or usual)


def start_time(pid):
    """The start of a process as the agent names it; None where the system does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The name in field 2 may hold spaces and parentheses; field 22 is the start in ticks.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        return f"{boot}:{fields[19]}"
    except OSError:
        return None


def proof(secret, *parts):
    text = " ".join(["leasehold", *parts])
    return hmac.new(bytes.fromhex(secret), text.encode(), hashlib.sha256).hexdigest()


class Agent:
    """A connection to the agent of a data directory that has said hello."""

    def __init__(self, directory):
        try:
            known = json.loads((directory / "agent.json").read_text())
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.connect(known["socket"])
        except OSError as error:
            raise Refused(f"no agent: {error}; try: leasehold agent start") from error
        self.file = self.socket.makefile("rb")
        self.next_id = 1
        self.events = []
        nonce = secrets.token_hex(32)
        hello = self.ask(
            "hello",
            {
                "protocol": PROTOCOL,
                "client": "leasehold_client.py/1",
                "version": "1",
                "pid": os.getpid(),
                "startTime": start_time(os.getpid()),
                "nonce": nonce,
                "proof": proof(known["secret"], "client", nonce),
                "leases": "own",
            },
        )
        # Whoever made the socket's name first and knows no secret is not our agent.
        if not hmac.compare_digest(hello["proof"], proof(known["secret"], "agent", nonce, hello["nonce"])):
            raise Refused("what listens there does not know the secret of agent.json")

    def send(self, method, params):
        """Sends a request; its answer comes among the messages."""
        self.next_id += 1
        request = {"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params}
        body = json.dumps(request).encode()
        self.socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def ask(self, method, params):
        """Sends a request and gives its result; what is pushed meanwhile is kept in `events`."""
        self.send(method, params)
        while True:
            message = self.read()
            if message.get("id") != self.next_id:
                self.events.append(message)
            elif "error" in message:
                raise Refused(message["error"]["message"])
            else:
                return message["result"]

    def command(self, **command):
        answer = self.ask("command", {"command": command})
        if not answer["ok"]:
            raise Refused(f"{answer['reason'].replace('-', ' ')}: {answer['detail']}")
        return answer

    def event(self):
        """The next message that the agent pushes."""
        return self.events.pop(0) if self.events else self.read()

    def read(self):
        length = None
        while (line := self.file.readline()) != b"\r\n":
            if not line:
                raise ConnectionError("the agent ended")
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self.file.read(length)
        if len(body) != length:
            raise ConnectionError("the agent ended")
        return json.loads(body)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)


class Lease:
    """A seat of a program. A thread of its own takes it up again when the agent starts anew."""

    def __init__(self, directory, feature, user, wait, program):
        self.directory = directory
        self.id, self.secret = program.lease, secrets.token_hex(32)
        self.released = threading.Event()
        self.agent = Agent(directory)
        tool = {"tool": program.name, "pid": program.pid, "startTime": start_time(program.pid)}
        # The seat lives as long as the program: who kills this process must not free the seat of one that runs on.
        request = {"feature": feature, "user": user, "process": tool, "tie": "process", "wait": wait}
        answer = self.agent.command(do="checkout", request=request, id=self.id, secret=self.secret)
        if answer["kind"] == "queued":
            print(f"Waiting for a seat of {feature}, place {answer['position']} in the queue", file=sys.stderr)
            self.wait_for(answer["ticket"])
        threading.Thread(target=self.keep, daemon=True).start()

    def wait_for(self, ticket):
        while True:
            message = self.agent.event()
            params = message.get("params", {})
            if params.get("ticket") != ticket:
                continue
            if message["method"] == "granted":
                return
            if message["method"] == "denied":
                raise Refused(f"{params['reason'].replace('-', ' ')}: {params['detail']}")

    def keep(self):
        while not self.released.is_set():
            try:
                self.hear(self.agent.event())
            except (OSError, ValueError):
                if not self.released.wait(PAUSE):
                    self.attach()

    def hear(self, message):
        params = message.get("params", {})
        if message.get("method") != "lease" or params["lease"] != self.id:
            return
        if params["state"] == "draining":
            print("A new version waits for this seat; finish soon", file=sys.stderr)
        if params["state"] in ("ended", "removed"):
            print(f"The seat has been {params['state']}", file=sys.stderr)
        if params["state"] == "idle":
            print("The seat has been taken back: the program was not in use", file=sys.stderr)

    def active(self):
        """Says that the program is in use; the thread reads the answer and passes it by."""
        try:
            self.agent.send("command", {"command": {"do": "active", "lease": self.id}})
        except OSError:
            pass  # An agent that is away begins to count anew when it is back.

    def attach(self):
        try:
            agent = Agent(self.directory)
        except (Refused, OSError):
            return
        try:
            agent.command(do="attach", lease=self.id, secret=self.secret)
            self.agent = agent
        except Refused as error:
            print(f"The seat is lost: {error}", file=sys.stderr)
            self.released.set()

    def release(self):
        """Gives the seat back over a connection of its own: the first one is read by the thread."""
        self.released.set()
        try:
            Agent(self.directory).command(do="return", lease=self.id, reason=None)
        except (Refused, OSError) as error:
            print(f"The agent frees the seat by itself: {error}", file=sys.stderr)


class Program:
    """A command that is held back until it has a seat, and never runs if this process ends before."""

    def __init__(self, command):
        self.name = Path(command[0]).name
        self.lease = secrets.token_hex(10)
        gate, self.gate = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self.become(command, gate)

    def become(self, command, gate):
        try:
            os.close(self.gate)
            for number in (signal.SIGINT, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            # The end of the file: whoever was to open the gate is gone, or has no seat.
            if os.read(gate, 1):
                os.execvpe(command[0], command, {**os.environ, "LEASEHOLD_LEASE": self.lease})
        except OSError as error:
            print(error, file=sys.stderr)
        finally:
            os._exit(125)

    def run(self):
        """Lets the command go and gives its exit code, negative for a signal."""
        os.write(self.gate, b"!")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def send(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


def main():
    parser = argparse.ArgumentParser(usage="%(prog)s FEATURE [--user USER] [--wait] -- COMMAND...")
    parser.add_argument("feature")
    parser.add_argument("--user", default=os.environ.get("LEASEHOLD_USER") or getpass.getuser())
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    program = Program(given.command)
    try:
        lease = Lease(data_directory(), given.feature, given.user, given.wait, program)
    except (Refused, OSError) as error:
        print(f"No seat of {given.feature}: {error}", file=sys.stderr)
        return 125
    # Both stand before the command runs: a program may send at once, and who stops us then must reach it too.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, _: program.send(number))
    # A program that does not speak with the agent says so to this one: kill -USR1 $PPID.
    signal.signal(signal.SIGUSR1, lambda *_: lease.active())
    try:
        code = program.run()
    finally:
        lease.release()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
