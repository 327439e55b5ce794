"""A mail server on loopback, with STARTTLS and a password, whose mails can be
read.

    server = MailServer(dir)
    server.start()
    ... {"smtp.url": server.url, "smtp.cafile": server.authority.ca,
         "smtp.user": server.user, "smtp.password": server.password} ...
    server.mails()          # [Mail(to=..., message=...), ...] as they came

It is aiosmtpd in a process of its own, so that it can be killed or paused as a
real one: python3 smtp.py SETTINGS.json.  Each mail it has answered for is a
file in dir/mails, to be read with any mail program.
"""
import email
import email.policy
import json
import os
import secrets
import sys
from typing import NamedTuple

START_TIMEOUT_S = 20
DEAD = "550 5.1.1 no such mailbox"
BUSY = "451 4.7.1 try again later"


class Mail(NamedTuple):
    number: int
    to: str             # the address that it was sent to
    message: email.message.EmailMessage

    @property
    def id(self):
        return self.message["Message-ID"]

    @property
    def subject(self):
        return self.message["Subject"]

    @property
    def text(self):
        return self.message.get_content()


class MailServer:
    """Mails to an address in `dead` are refused for good, those to one in
    `busy` for now."""

    def __init__(self, dir, port=None, dead=(), busy=()):
        from .certs import Authority
        from .ports import free_port
        self.dir = os.path.abspath(dir)
        self.folder = os.path.join(self.dir, "mails")
        os.makedirs(self.folder, exist_ok=True)
        self.port = port or free_port()
        self.user, self.password = "pregon", secrets.token_urlsafe(12)
        self.authority = Authority(os.path.join(self.dir, "certs"))
        self.dead, self.busy = list(dead), list(busy)
        self.child = None

    @property
    def url(self):
        return "smtp://localhost:%d" % self.port

    def settings(self, sender="pregon@gremio.example"):
        """What the role notify must be told."""
        return {"smtp.url": self.url, "smtp.user": self.user,
                "smtp.password": self.password, "smtp.from": sender,
                "smtp.cafile": self.authority.ca}

    def start(self):
        from .process import Child
        from .ports import is_free
        certificate, key = self.authority.broker()
        path = os.path.join(self.dir, "smtp.json")
        with open(path, "w") as f:
            os.chmod(path, 0o600)
            json.dump({"port": self.port, "folder": self.folder,
                       "certificate": certificate, "key": key,
                       "user": self.user, "password": self.password,
                       "dead": self.dead, "busy": self.busy}, f)
        self.child = Child(["/usr/bin/python3", __file__, path],
                           os.path.join(self.dir, "smtp.log"), name="smtp")
        self.child.wait_for(lambda: not is_free(self.port),
                            "the mail server listens", START_TIMEOUT_S)
        return self

    def running(self):
        return self.child is not None and self.child.running()

    def stop(self):
        if self.child:
            self.child.stop()

    def kill9(self):
        self.child.kill9()

    def pause(self):
        self.child.pause()

    def resume(self):
        self.child.resume()

    def count(self):
        return sum(n.endswith(".eml") for n in os.listdir(self.folder))

    def mails(self, to=None):
        """All of them, or those to one address, in the order they came."""
        found = []
        for name in sorted(os.listdir(self.folder)):
            if not name.endswith(".eml"):
                continue
            with open(os.path.join(self.folder, name), "rb") as f:
                message = email.message_from_binary_file(
                    f, policy=email.policy.default)
            mail = Mail(int(name.split(".")[0]), message["X-Rcpt-To"],
                        message)
            if to is None or mail.to == to:
                found.append(mail)
        return found

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Keeper:
    """Of aiosmtpd: what is done with a mail."""

    def __init__(self, folder, dead, busy):
        self.folder, self.dead, self.busy = folder, set(dead), set(busy)
        self.next = 1 + max([int(n.split(".")[0])
                             for n in os.listdir(folder)] or [0])

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.dead:
            return DEAD
        if address in self.busy:
            return BUSY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            path = os.path.join(self.folder, "%08d" % self.next)
            self.next += 1
            with open(path + ".part", "wb") as f:
                f.write(b"X-Rcpt-To: " + address.encode() + b"\r\n"
                        + envelope.content)
            os.rename(path + ".part", path + ".eml")
        return "250 2.0.0 OK"


def main():
    import asyncio
    import ssl
    from aiosmtpd.smtp import SMTP, AuthResult

    with open(sys.argv[1]) as f:
        settings = json.load(f)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings["certificate"], settings["key"])

    def authenticate(server, session, envelope, mechanism, data):
        right = (data.login == settings["user"].encode() and
                 data.password == settings["password"].encode())
        return AuthResult(success=right)

    keeper = Keeper(settings["folder"], settings["dead"], settings["busy"])

    async def serve():
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(keeper, hostname="localhost", tls_context=context,
                         require_starttls=True, auth_required=True,
                         authenticator=authenticate),
            "127.0.0.1", settings["port"])
        print("listening", flush=True)
        async with server:
            await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
