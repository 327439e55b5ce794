"""The guild's own certificates: its CA, its broker's, one for each cart.

Elliptic-curve keys (P-256): a cart's handshake sends some 2 kB less than
with RSA, and its key is made in no time.
"""
import os
import subprocess

DAYS = "3650"


class Authority:
    """A certificate authority in a folder; made when first needed."""

    def __init__(self, dir):
        self.dir = os.path.abspath(dir)
        self.ca = os.path.join(self.dir, "ca.crt")

    def broker(self):
        """(certificate, key) of a broker on this machine."""
        return self._issue(
            "broker", "/CN=localhost",
            "basicConstraints=CA:FALSE\n"
            "extendedKeyUsage=serverAuth\n"
            "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n")

    def issue(self, plate):
        """(certificate, key) of one cart; its common name is the plate."""
        return self._issue(plate, "/CN=" + plate,
                           "basicConstraints=CA:FALSE\n"
                           "extendedKeyUsage=clientAuth\n")

    def _path(self, name):
        return os.path.join(self.dir, name)

    def _make_ca(self):
        if os.path.exists(self.ca):
            return
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        self._make_key("ca")
        _openssl("req", "-x509", "-new", "-key", self._path("ca.key"),
                 "-subj", "/CN=Guild CA", "-days", DAYS,
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-out", self.ca)

    def _make_key(self, name):
        path = self._path(name + ".key")
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-out", path)
        os.chmod(path, 0o600)

    def _issue(self, name, subject, extensions):
        certificate, key = self._path(name + ".crt"), self._path(name + ".key")
        if os.path.exists(certificate):
            return certificate, key
        self._make_ca()
        self._make_key(name)
        request, ext = self._path(name + ".csr"), self._path(name + ".ext")
        _openssl("req", "-new", "-key", key, "-subj", subject,
                 "-out", request)
        with open(ext, "w") as f:
            f.write(extensions)
        _openssl("x509", "-req", "-in", request, "-CA", self.ca,
                 "-CAkey", self._path("ca.key"), "-CAcreateserial",
                 "-days", DAYS, "-extfile", ext, "-out", certificate)
        os.remove(request)
        os.remove(ext)
        return certificate, key


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s"
                           % (arguments[0], done.stdout.strip()))
