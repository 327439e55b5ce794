"""topic_reposiciones as people's own consumers read it: whole, with an
independent MessagePack library, holding every order and delivery to its
states, one record each, none skipped, none told twice.

A role that was killed may send the same record again: its revision says so,
and its bytes must be those of the first.
"""
import msgpack

import records

STATES = ("recibido", "preparando", "entregando", "finalizado", "cancelado")
DELIVERY_STATES = ("preparando", "entregando", "finalizada", "cancelada")


class Change:
    """One record of an order, or of a delivery."""

    def __init__(self, record):
        self.bytes = record.value
        self.schema = record.headers["schema"]
        values = msgpack.unpackb(record.value)
        if self.schema == "order/1":
            self._order(values)
        else:
            assert self.schema == "delivery/1", self.schema
            self._delivery(values)
        assert record.key == self.id.encode()

    def _order(self, values):
        (_, self.id, self.cart, state, self.at_ms, self.by, self.lines) \
            = values[:7]
        # Written when one of them says something.
        (self.revision, self.reason, self.delivery, self.origin,
         self.disputed) = values[7:] or (0, None, None, 0, False)
        self.state = STATES[state]

    def _delivery(self, values):
        _, self.id, state, self.revision, self.at_ms, self.stops = values
        self.state = DELIVERY_STATES[state]


class RestockLog:
    """orders, deliveries: {id: [Change, ...]}, in the order they came."""

    def __init__(self, bootstrap, partitions):
        self.orders, self.deliveries = {}, {}
        self.repeats = 0
        for record in records.read(bootstrap, "topic_reposiciones",
                                   partitions):
            change = Change(record)
            kind = self.orders if change.schema == "order/1" \
                else self.deliveries
            self._take(kind.setdefault(change.id, []), change)

    def _take(self, known, change):
        if change.revision < len(known):
            assert change.bytes == known[change.revision].bytes, change.id
            self.repeats += 1
            return
        assert change.revision == len(known), "%s: revision %d after %d" % (
            change.id, change.revision, len(known) - 1)
        known.append(change)

    def in_state(self, state):
        return [changes for changes in self.orders.values()
                if changes[-1].state == state]

    def check_finished(self):
        """Every order went once through its four states, in one delivery,
        which went through its three."""
        travels = {}
        for id, changes in self.deliveries.items():
            assert [c.state for c in changes] == [
                "preparando", "entregando", "finalizada"], id
            stops = [stop[0] for stop in changes[0].stops]
            assert 1 <= len(stops) <= 5, id
            for order in stops:
                assert order not in travels, order
                travels[order] = id
        for id, changes in self.orders.items():
            assert [c.state for c in changes] == list(STATES[:4]), id
            times = [c.at_ms for c in changes]
            assert times == sorted(times), id
            assert changes[-1].delivery == travels.get(id), id
        assert travels.keys() == self.orders.keys()
