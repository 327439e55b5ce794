"""Where notices to admins are posted: a small web server that can be slow or
fail, and checks signatures with Python's own hmac."""
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """posts: [(body, status)] in the order they came.

    answers   statuses to be given first, one each; then 200
    delay     an Event to wait for before any answer, or None
    """

    def __init__(self, secret):
        self.secret = secret
        self.lock = threading.Lock()
        self.posts, self.answers = [], []
        self.delay = None
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = hook.take(self.headers, body)
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "2")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                pass	# the guild has hung up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d/hook" % self.server.server_port
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def take(self, headers, body):
        right = "sha256=" + hmac.new(self.secret.encode(), body,
                                     hashlib.sha256).hexdigest()
        if self.delay is not None:
            self.delay.wait(60)
        with self.lock:
            status = self.answers.pop(0) if self.answers else 200
            if not hmac.compare_digest(
                    right, headers.get("X-Pregon-Signature", "")):
                status = 401
            notice = json.loads(body)
            assert headers["X-Pregon-Delivery"] == notice["delivery"]
            self.posts.append((notice, status))
        return status

    def taken(self):
        """The notices that were answered for, by id."""
        with self.lock:
            return {n["id"]: n for n, status in self.posts if status == 200}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
