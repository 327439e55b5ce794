"""Notices through the real parts: a mail server with STARTTLS and a password,
a webhook, and the role notify, whatever is down or killed meanwhile."""
import collections
import threading
import time

import msgpack
import pytest

import records
from local.guild import Guild
from local.process import wait_for
from local.smtp import MailServer
from webhook import Webhook

ADMIN = "ana@gremio.example"
DEPOT = "bodega@gremio.example"
DEAD = "nobody@gremio.example"
PARTITIONS = 2
SETTINGS = {
    "notify.admins": ADMIN, "notify.depot": DEPOT,
    "notify.guild_name": "Gremio Ñuñoa",
    "notify.guild_contact": "+56 2 2345 6789",
    "notify.retry_first_s": 1, "notify.retry_max_s": 2,
    "notify.alerts_per_hour": 10000,
    "smtp.timeout_s": 3, "webhook.timeout_s": 2,
}


class Office:
    """A guild, its mail server and its webhook."""

    def __init__(self, dir):
        self.mail = MailServer(dir / "mail", dead=[DEAD]).start()
        self.hook = Webhook("a secret")
        self.guild = Guild(dir, partitions=PARTITIONS, settings={
            "notify": {**SETTINGS, **self.mail.settings(),
                       "webhook.url": self.hook.url,
                       "webhook.secret": "a secret"},
            "stock": {"stock.auto_advance": "1,1,1"}})
        self.guild.start()
        self.notify = self.guild.part("notify")

    def tell(self, notices):
        """notices: (id, to, event, subject, {name: value})"""
        now = int(time.time() * 1000)
        # As many as the topic has by default.
        records.write_all(
            self.guild.bootstrap, "topic_avisos", 2, "notice/1",
            [(to.encode(), msgpack.packb(
                [1, id, to, event, subject, now,
                 [[n, v] for n, v in values.items()]]))
             for id, to, event, subject, values in notices])

    def counted(self, fate):
        return self.notify.metrics()[
            'pregon_consumer_notices_total{fate="%s"}' % fate]

    def close(self):
        self.guild.stop()
        self.mail.stop()
        self.hook.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("office"))
    yield office
    office.close()


def purchase(run, i, to):
    return ("%s-%d" % (run, i), "mail:" + to, "sale.thanks",
            "%s-%d" % (run, i), {"folio": "F-%s-%d" % (run, i),
                                 "name": "Ñandú %d" % i})


def alert(run, i, event):
    return ("%s-alert-%d/%d" % (run, i, event == "resolved"), "admins",
            "alert." + event, "%s-alert-%d" % (run, i),
            {"cart": "CART%02d" % (i % 100), "cause": "missing",
             "since": "2026-11-20T16:00:00Z",
             "until": "2026-11-20T16:05:00Z"})


def test_a_mail_says_it_in_the_guilds_language(office):
    office.tell([purchase("plain", 1, "rosa@example.cl"),
                 ("bad/1", "mail:rosa@example.cl", "ticket.reply", "T1",
                  {"ticket": "T1\r\nBcc: all@example.cl",
                   "text": "Uno.\r\n.\r\nDos.", "language": "en"})])
    mails = wait_for(lambda: len(office.mail.mails("rosa@example.cl")) == 2
                     and office.mail.mails("rosa@example.cl"),
                     "both mails came", 20)
    thanks = next(m for m in mails if "Gracias" in m.subject)
    assert thanks.message["From"] == \
        "Gremio Ñuñoa <pregon@gremio.example>"
    assert thanks.message["Auto-Submitted"] == "auto-generated"
    assert "Hola, Ñandú 1:" in thanks.text
    assert "F-plain-1" in thanks.text and "+56 2 2345 6789" in thanks.text
    assert thanks.message["Date"] is not None
    reply = next(m for m in mails if m is not thanks)
    assert reply.subject == "Answer to your request T1 Bcc: all@example.cl"
    assert reply.message["Bcc"] is None
    assert "Uno.\n.\nDos." in reply.text.replace("\r", "")


def once_each(mails):
    """{subject-free identity: set of Message-IDs}; each came with one."""
    ids = collections.defaultdict(set)
    for m in mails:
        ids[m.id].add(m.text)
    assert all(len(texts) == 1 for texts in ids.values())
    return ids


def test_the_mail_server_is_down_and_the_role_is_killed(office):
    """300 notices, 60 of them about alerts that are over before the server is
    back, and a dead address in their midst."""
    started = time.monotonic()
    office.mail.kill9()
    purchases = [purchase("down", i, DEAD if i % 20 == 7
                          else "c%d@example.cl" % (i % 50))
                 for i in range(210)]
    alerts = [alert("down", i, "opened") for i in range(60)]
    office.tell(purchases[:100] + alerts + purchases[100:])
    wait_for(lambda: "notify.mail_waits" in office.notify.child.output(),
             "it has tried", 20)
    office.tell([alert("down", i, "resolved") for i in range(30)])
    # What the role has read: 30 alerts and their ends are no news.
    wait_for(lambda: office.counted("over") >= 30, "30 are over", 20)
    for _ in range(3):
        office.notify.kill9()
        office.notify.start()
    office.mail.start()
    # Killed while they flow: sent again, with the same Message-ID.
    for share in (0.2, 0.5, 0.8):
        wait_for(lambda: office.mail.count() >= 230 * share,
                 "a part of them came", 60)
        office.notify.kill9()
        office.notify.start()

    def all_there():
        folios = {word for m in office.mail.mails()
                  for word in m.text.split() if word.startswith("F-down-")}
        return len(folios) == 199
    wait_for(all_there, "every purchase's mail came", 25)
    wait_for(lambda: sum("down" in m.text or "CART" in m.subject
                         for m in office.mail.mails(ADMIN)) >= 30,
             "the open alerts came", 30)
    mails = office.mail.mails()
    assert not [m for m in mails if m.to == DEAD]
    by_folio = collections.defaultdict(set)
    for m in mails:
        for word in m.text.split():
            if word.startswith("F-down-"):
                by_folio[word].add(m.id)
    assert all(len(ids) == 1 for ids in by_folio.values())
    once_each(mails)
    told = {m.subject for m in office.mail.mails(ADMIN)}
    assert {"CART%02d" % i for i in range(30, 60)} == {
        word for subject in told for word in subject.split()
        if word.startswith("CART")}
    print("took %.1f s" % (time.monotonic() - started))
