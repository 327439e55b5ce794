"""Kafka's records as they are, keys, headers and bytes: a small reader (and
writer) over librdkafka by ctypes, for what the programs do not show."""
import ctypes
from ctypes import (POINTER, Structure, byref, c_char_p, c_int, c_int32,
                    c_int64, c_size_t, c_void_p)
from typing import NamedTuple

_PRODUCER, _CONSUMER = 0, 1
_BEGINNING = -2
_EOF = -191
_COPY = 2
_WAIT_MS = 20000


class _Message(Structure):
    _fields_ = [("err", c_int), ("rkt", c_void_p), ("partition", c_int32),
                ("payload", c_void_p), ("len", c_size_t), ("key", c_void_p),
                ("key_len", c_size_t), ("offset", c_int64),
                ("private", c_void_p)]


def _library():
    lib = ctypes.CDLL("librdkafka.so.1")
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_topic_new"):
        getattr(lib, name).restype = c_void_p
    lib.rd_kafka_consume.restype = POINTER(_Message)
    lib.rd_kafka_err2str.restype = c_char_p
    lib.rd_kafka_message_timestamp.restype = c_int64
    return lib


_lib = _library()


class Record(NamedTuple):
    partition: int
    offset: int
    key: bytes          # None: without one
    value: bytes        # None: a tombstone
    headers: dict
    timestamp_ms: int


def _client(bootstrap, kind):
    conf = c_void_p(_lib.rd_kafka_conf_new())
    why = ctypes.create_string_buffer(256)
    for key, value in ((b"bootstrap.servers", bootstrap.encode()),
                       (b"enable.partition.eof", b"true"),
                       (b"fetch.wait.max.ms", b"10"),
                       (b"log_level", b"0"), (b"linger.ms", b"0"),
                       (b"partitioner", b"murmur2_random")):
        if _lib.rd_kafka_conf_set(conf, key, value, why, c_size_t(256)):
            raise RuntimeError(why.value.decode())
    rk = _lib.rd_kafka_new(kind, conf, why, c_size_t(256))
    if not rk:
        raise RuntimeError(why.value.decode())
    return c_void_p(rk)


def _headers(message):
    headers, found, i = c_void_p(), {}, 0
    if _lib.rd_kafka_message_headers(message, byref(headers)):
        return found
    name, value, size = c_char_p(), c_void_p(), c_size_t()
    while not _lib.rd_kafka_header_get_all(headers, c_size_t(i), byref(name),
                                           byref(value), byref(size)):
        found[name.value.decode()] = ctypes.string_at(
            value.value, size.value).decode()
        i += 1
    return found


def _read_partition(rkt, partition):
    if _lib.rd_kafka_consume_start(rkt, c_int32(partition),
                                   c_int64(_BEGINNING)):
        raise RuntimeError("partition %d cannot be read" % partition)
    rows = []
    try:
        while True:
            message = _lib.rd_kafka_consume(rkt, c_int32(partition),
                                            c_int(_WAIT_MS))
            if not message:
                raise TimeoutError("Kafka gives no records")
            m = message.contents
            try:
                if m.err == _EOF:
                    return rows
                if m.err:
                    raise RuntimeError(
                        _lib.rd_kafka_err2str(m.err).decode())
                rows.append(Record(
                    m.partition, m.offset,
                    ctypes.string_at(m.key, m.key_len) if m.key else None,
                    ctypes.string_at(m.payload, m.len) if m.payload else None,
                    _headers(message),
                    _lib.rd_kafka_message_timestamp(message, None)))
            finally:
                _lib.rd_kafka_message_destroy(message)
    finally:
        _lib.rd_kafka_consume_stop(rkt, c_int32(partition))


def read(bootstrap, topic, partitions):
    """Every record of the topic, partition by partition."""
    rk = _client(bootstrap, _CONSUMER)
    rkt = c_void_p(_lib.rd_kafka_topic_new(rk, topic.encode(), None))
    try:
        return [r for p in range(partitions) for r in _read_partition(rkt, p)]
    finally:
        _lib.rd_kafka_topic_destroy(rkt)
        _lib.rd_kafka_destroy(rk)


def write(bootstrap, topic, partition, key, value):
    """One record; value None is a tombstone."""
    rk = _client(bootstrap, _PRODUCER)
    rkt = c_void_p(_lib.rd_kafka_topic_new(rk, topic.encode(), None))
    try:
        if _lib.rd_kafka_produce(rkt, c_int32(partition), c_int(_COPY), value,
                                 c_size_t(len(value or b"")), key,
                                 c_size_t(len(key)), None):
            raise RuntimeError("%s: not produced" % topic)
        if _lib.rd_kafka_flush(rk, c_int(_WAIT_MS)):
            raise TimeoutError("Kafka does not take the record")
    finally:
        _lib.rd_kafka_topic_destroy(rkt)
        _lib.rd_kafka_destroy(rk)


def write_all(bootstrap, topic, rows):
    """Records as our programs write them: (partition, key, value, schema)."""
    rk = _client(bootstrap, _PRODUCER)
    end, names, copy = c_int(0), c_int(1), c_int(_COPY)
    try:
        for partition, key, value, schema in rows:
            # RD_KAFKA_V_TOPIC, PARTITION, KEY, VALUE, HEADER, MSGFLAGS, END.
            while _lib.rd_kafka_producev(
                    rk, names, c_char_p(topic.encode()), c_int(3),
                    c_int32(partition), c_int(5), c_char_p(key),
                    c_size_t(len(key)), c_int(4), c_char_p(value),
                    c_size_t(len(value)), c_int(9), c_char_p(b"schema"),
                    c_char_p(schema.encode()), c_size_t(len(schema)),
                    c_int(7), copy, end):
                # Its queue is full.
                _lib.rd_kafka_poll(rk, c_int(100))
        if _lib.rd_kafka_flush(rk, c_int(_WAIT_MS)):
            raise TimeoutError("Kafka does not take the records")
    finally:
        _lib.rd_kafka_destroy(rk)


def partition_of(key, partitions):
    """As Kafka's own clients do it, of a topic without a reserved one."""
    return _lib.rd_kafka_msg_partitioner_murmur2(
        None, key, c_size_t(len(key)), c_int32(partitions), None, None)
