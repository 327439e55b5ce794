"""Counts the IP packets of one TCP port of the loopback interface."""
import ctypes
import socket
import struct
import threading
import time

ETH_P_IP = 0x0800
SO_ATTACH_FILTER = 26
SOL_PACKET, PACKET_STATISTICS = 263, 6
HEAD_BYTES = 120		# of IP and TCP, with all options
# What fits into a segment of a network with an MTU of 1500 and timestamps;
# loopback's is larger, so that its few long segments count as several.
MSS = 1448

# As assembled by `tcpdump -ddd`: IPv4, TCP, either port is `port`.
# (Offsets are into the IP header, for the socket is SOCK_DGRAM.)
LDB, LDH, LDXMSH, LDHX, JEQ, RET = 0x30, 0x28, 0xb1, 0x48, 0x15, 0x06


def port_filter(port):
    return [(LDB, 0, 0, 9), (JEQ, 0, 6, socket.IPPROTO_TCP),
            (LDXMSH, 0, 0, 0),
            (LDHX, 0, 0, 0), (JEQ, 2, 0, port),
            (LDHX, 0, 0, 2), (JEQ, 0, 1, port),
            (RET, 0, 0, 0xffffffff), (RET, 0, 0, 0)]


class Wire:
    """Listens in a thread of its own; needs the right to open packet sockets
    (root's, or a user namespace's).

    up, down        [packets, IP bytes] to and from the port
    sent            (monotonic time, TCP payload bytes) of each packet up that
                    carries any
    """

    def __init__(self, port):
        self.port = port
        self.up, self.down = [0, 0], [0, 0]
        self.sent = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                    socket.htons(ETH_P_IP))
        self._filter(port_filter(port))
        self.socket.bind(("lo", ETH_P_IP))
        self.socket.settimeout(0.2)
        self.over = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self):
        """Raises if the kernel had to drop packets that we did not count."""
        self.over = True
        self.thread.join()
        counts = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        self.socket.close()
        dropped = struct.unpack("II", counts)[1]
        if dropped:
            raise RuntimeError("%d packets were not counted" % dropped)

    def _filter(self, instructions):
        code = b"".join(struct.pack("HBBI", *i) for i in instructions)
        self._code = ctypes.create_string_buffer(code)
        self.socket.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER,
            struct.pack("HL", len(instructions),
                        ctypes.addressof(self._code)))

    def _run(self):
        while not self.over:
            try:
                packet, address = self.socket.recvfrom(HEAD_BYTES)
            except socket.timeout:
                continue
            # On loopback each is seen as it leaves and as it arrives.
            if address[2] != socket.PACKET_OUTGOING:
                self._count(packet)

    def _count(self, packet):
        ip_head = 4 * (packet[0] & 15)
        total = struct.unpack_from("!H", packet, 2)[0]
        target = struct.unpack_from("!H", packet, ip_head + 2)[0]
        head = ip_head + 4 * (packet[ip_head + 12] >> 4)
        payload = total - head
        packets = max(1, -(-payload // MSS))
        way = self.up if target == self.port else self.down
        way[0] += packets
        way[1] += total + (packets - 1) * head
        if way is self.up and payload:
            self.sent.append((time.monotonic(), payload))
