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
from people import People
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
        # As many partitions as the topic has by default.
        records.write_all(
            self.guild.bootstrap, "topic_avisos",
            [(records.partition_of(to.encode(), 2), to.encode(),
              msgpack.packb([1, id, to, event, subject, now,
                             [[n, v] for n, v in values.items()]]),
              "notice/1")
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


def folios(mails, run):
    """{folio: Message-IDs of the mails that hold it}"""
    found = collections.defaultdict(set)
    for m in mails:
        for word in m.text.split():
            if word.startswith("F-%s-" % run):
                found[word.rstrip(".")].add(m.id)
    return found


def test_the_mail_server_is_down_and_the_role_is_killed(office):
    """300 notices, 60 of them about alerts that are over before the server is
    back, and a dead address in their midst."""
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

    wait_for(lambda: len(folios(office.mail.mails(), "down")) == 199,
             "every purchase's mail came", 60)
    open_carts = {"CART%02d" % i for i in range(30, 60)}

    def carts():
        return {word for m in office.mail.mails(ADMIN)
                for word in m.subject.split() if word.startswith("CART")}
    wait_for(lambda: carts() >= open_carts, "the open alerts came", 30)
    mails = office.mail.mails()
    assert not [m for m in mails if m.to == DEAD]
    assert all(len(ids) == 1 for ids in folios(mails, "down").values())
    assert carts() == open_carts
    # What came twice is the same mail.
    texts = collections.defaultdict(set)
    for m in mails:
        texts[m.id].add((m.to, m.subject, m.text))
    assert all(len(t) == 1 for t in texts.values())
    print("mails=%d again=%d" % (len(mails), len(mails) - len(texts)))


def test_a_mail_server_that_hangs_delays_the_webhook_not_at_all(office):
    office.mail.pause()
    try:
        office.tell([purchase("hang", i, "h%d@example.cl" % i)
                     for i in range(5)])
        # It is with the mail server, which says nothing.
        office.tell([alert("hang", i, "opened") for i in range(5)])
        wait_for(lambda: len([i for i in office.hook.taken()
                              if i.startswith("hang-")]) == 5,
                 "the webhook has its notices", 20)
        assert not folios(office.mail.mails(), "hang")
        wait_for(lambda: "Timeout was reached" in
                 office.notify.child.output(), "a mail was timed out", 20)
    finally:
        office.mail.resume()
    found = wait_for(lambda: len(folios(office.mail.mails(), "hang")) == 5
                     and folios(office.mail.mails(), "hang"),
                     "the mails came", 30)
    assert all(len(ids) == 1 for ids in found.values())


def test_a_webhook_is_asked_again_and_delays_no_mail(office):
    hook = office.hook
    hook.answers += [500, 500, 429, 503]
    office.tell([alert("hook", i, "opened") for i in range(5)])

    def taken(run):
        return {i: n for i, n in hook.taken().items()
                if i.startswith(run + "-")}
    notices = wait_for(lambda: len(taken("hook")) == 5 and taken("hook"),
                       "all were taken", 40)
    assert not hook.answers
    notice = notices["hook-alert-1/0"]
    assert notice["event"] == "alert.opened"
    assert notice["subject"] == "hook-alert-1"
    assert notice["values"]["cart"] == "CART01"
    # Nobody forged one, or it would have been answered with 401.
    assert 401 not in {status for _, status in hook.posts}
    hook.delay = threading.Event()
    try:
        office.tell([alert("slow", i, "opened") for i in range(3)])
        wait_for(lambda: "notify.webhook_waits" in
                 office.notify.child.output(), "it was timed out", 20)
        office.tell([purchase("slow", i, "s%d@example.cl" % (i % 9))
                     for i in range(60)])
        wait_for(lambda: len(folios(office.mail.mails(), "slow")) == 60,
                 "the mails came all the same", 20)
        assert not taken("slow")
    finally:
        hook.delay.set()
        hook.delay = None
    wait_for(lambda: len(taken("slow")) == 3, "it has them in the end", 30)
    # Whoever gets one twice can tell.
    ids = collections.defaultdict(set)
    for notice, _ in hook.posts:
        ids[notice["id"]].add(notice["delivery"])
    assert all(len(one) == 1 for one in ids.values())


def test_a_vendor_is_written_to_at_each_step_of_an_order(office):
    rosa = "rosa.vendor@example.cl"
    people = People(office.guild)
    people.register(21345678, "VEND01", premium=True, first="Rosa",
                    mail=rosa)
    wait_for(lambda: any("parte de Gremio" in m.subject
                         for m in office.mail.mails(rosa)),
             "she is a member, and was told", 30)
    status, _, answer = office.guild.post(
        "/api/v1/restocks", {"cart": "VEND01", "lines": [
            {"product": 0, "units": 30}]}, key="vendor")
    assert status == 202, answer

    def mails():
        return [m for m in office.mail.mails(rosa)
                if answer["id"] in m.subject]
    wait_for(lambda: len(mails()) >= 4, "four mails came", 60)
    subjects = [m.subject for m in mails()]
    assert [s.split(answer["id"])[0].strip() + "|" +
            s.split(answer["id"])[1].strip() for s in subjects] == [
        "Recibimos el pedido|", "Estamos preparando el pedido|",
        "El pedido|va en camino", "Entregado el pedido|"]
    assert all("Hola, Rosa:" in m.text for m in mails())
    assert len({m.message["References"] for m in mails()}) == 1
