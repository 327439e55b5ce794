"""Who may do what at the broker: the guild's roles for Mosquitto's
dynamic-security plugin, as its JSON file and as its control commands.

The plugin of Mosquitto 2.0.11 knows no patterns with the user's name in
them, so each cart has a role of its own.  It compares a shared subscription
as written: a right to it is spelled with its $share/GROUP/ in front.
"""
import base64
import hashlib
import json
import os
import secrets

UPLINK = ("pos", "sale", "stock", "help", "status")

# As mosquitto_ctrl does.  Our passwords are random and long; a fleet that
# reconnects at once should not spend the broker's time on stretching them.
ITERATIONS = 101


def _allow(kind, *topics):
    return [{"acltype": kind, "topic": t, "allow": True} for t in topics]


def cart_role(plate):
    """One cart's rights: to write its own uplink, to hear its own acks."""
    up = ["pregon/%s/%s" % (plate, s) for s in UPLINK]
    down = ["pregon/%s/ack" % plate, "pregon/%s/cmd" % plate, "pregon/guild"]
    return {"rolename": "cart-" + plate,
            "acls": _allow("publishClientSend", *up)
            + _allow("subscribeLiteral", *down)
            + _allow("publishClientReceive", *down)}


def _bridge_role():
    """Hears every cart, alone or sharing; the only one to write an ack."""
    up = ["pregon/+/" + s for s in UPLINK]
    shared = ["$share/+/" + t for t in up]
    down = ["pregon/+/ack", "pregon/+/cmd", "pregon/guild"]
    own = "pregon/beat/+"       # what it says to itself
    return {"rolename": "bridge",
            "acls": _allow("publishClientSend", *down, own)
            + _allow("subscribePattern", *up, *shared, "pregon/guild", own)
            + _allow("publishClientReceive", *up, "pregon/guild", own)}


def _sim_role():
    """Plays any cart: for a simulated fleet, never for a real one."""
    up = ["pregon/+/" + s for s in UPLINK]
    down = ["pregon/+/ack", "pregon/+/cmd", "pregon/guild"]
    return {"rolename": "sim",
            "acls": _allow("publishClientSend", *up)
            + _allow("subscribePattern", *down)
            + _allow("publishClientReceive", *down)}


def _admin_role():
    """Commands the plugin, and may watch all that passes."""
    control = "$CONTROL/dynamic-security/#"
    return {"rolename": "admin",
            "acls": _allow("publishClientSend", control)
            + _allow("subscribePattern", control, "$SYS/#", "#")
            + _allow("publishClientReceive", control, "$SYS/#", "#")}


def new_password():
    return secrets.token_urlsafe(18)


def client(username, password, role):
    """A client as the plugin's file has it; without a password it can come
    in by its certificate only."""
    entry = {"username": username, "roles": [{"rolename": role}]}
    if password is not None:
        salt = os.urandom(12)
        digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt,
                                     ITERATIONS)
        entry.update(password=base64.b64encode(digest).decode(),
                     salt=base64.b64encode(salt).decode(),
                     iterations=ITERATIONS)
    return entry


class Configuration:
    """The plugin's file, to be written while the broker is down."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path) as f:
                self._all = json.load(f)
        except FileNotFoundError:
            self._all = {
                # What no role allows is refused.
                "defaultACLAccess": {"publishClientSend": False,
                                     "publishClientReceive": False,
                                     "subscribe": False,
                                     "unsubscribe": True},
                "clients": [],
                "roles": [_admin_role(), _bridge_role(), _sim_role()],
            }
        self._clients = {c["username"]: c for c in self._all["clients"]}
        self._roles = {r["rolename"]: r for r in self._all["roles"]}

    def put_role(self, role):
        self._roles[role["rolename"]] = role

    def put_client(self, entry):
        self._clients[entry["username"]] = entry

    def set_disabled(self, username, disabled, role=None):
        """role: taken while disabled, given back after."""
        entry = self._clients[username]
        entry["disabled"] = disabled
        if role:
            entry["roles"] = [] if disabled else [{"rolename": role}]

    def save(self):
        self._all["clients"] = list(self._clients.values())
        self._all["roles"] = list(self._roles.values())
        fd = os.open(self.path + ".new",
                     os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w") as f:
            json.dump(self._all, f, indent=1)
        os.rename(self.path + ".new", self.path)


def commands_to_add_cart(plate, password):
    """The same as cart_role and client, for a broker that runs."""
    role = cart_role(plate)
    create = {"command": "createClient", "username": plate,
              "roles": [{"rolename": role["rolename"]}]}
    if password is not None:
        create["password"] = password
    return [dict(role, command="createRole"), create]
