"""A cart's day as its receiver would tell it: NMEA, one cycle a second."""
import datetime
import math
import random

METRES_A_DEGREE = 111320.0
KNOTS = 1 / 0.514444
WALK_M_S = 1.2
BLOCK_M = 60, 180
# A receiver wanders some metres within minutes, and less from one second to
# the next.
WANDER_M, WANDER_S, JITTER_M = 3.0, 120.0, 0.2


class Day:
    """Where a cart is, each second: walks of walk_s between stands."""

    def __init__(self, hours, walking_hours, walks, seed=1):
        self.random = random.Random(seed)
        self.seconds = int(hours * 3600)
        self.period_s = self.seconds // walks
        self.walk_s = int(walking_hours * 3600 / walks)
        self.north = self.east = 0.0
        self.course = 0
        self.block = 0.0
        self.error = [0.0, 0.0]

    def walks_at(self, second):
        return second % self.period_s < self.walk_s

    def fixes(self):
        """(latitude, longitude, speed m/s, course or None), each second."""
        for second in range(self.seconds):
            moves = self.walks_at(second)
            if moves:
                self._step()
            yield self._seen(moves)

    def _step(self):
        if self.block <= 0:
            self.block = self.random.uniform(*BLOCK_M)
            self.course = (self.course
                           + self.random.choice([0, 90, 270])) % 360
        self.block -= WALK_M_S
        self.north += WALK_M_S * math.cos(math.radians(self.course))
        self.east += WALK_M_S * math.sin(math.radians(self.course))

    def _seen(self, moves):
        keep = math.exp(-1 / WANDER_S)
        step = WANDER_M * math.sqrt(1 - keep * keep)
        self.error = [keep * e + self.random.gauss(0, step)
                      for e in self.error]
        north = self.north + self.error[0] + self.random.gauss(0, JITTER_M)
        east = self.east + self.error[1] + self.random.gauss(0, JITTER_M)
        lat = -33.45 + north / METRES_A_DEGREE
        lon = -70.66 + east / (METRES_A_DEGREE * math.cos(
            math.radians(33.45)))
        if not moves:
            return lat, lon, abs(self.random.gauss(0, 0.05)), None
        return (lat, lon, WALK_M_S + self.random.gauss(0, 0.1),
                (self.course + self.random.gauss(0, 4)) % 360)


def sentences(fixes, began):
    """The cycles as bytes, all of one length, the first at Unix time
    `began`."""
    for second, (lat, lon, speed, course) in enumerate(fixes):
        t = datetime.datetime.fromtimestamp(began + second,
                                            datetime.timezone.utc)
        clock = t.strftime("%H%M%S.00")
        place = "%s,%s" % (angle(lat, 2, "NS"), angle(lon, 3, "EW"))
        yield (sentence("GPGGA,%s,%s,1,09,0.9,0540.0,M,030.0,M,,"
                        % (clock, place))
               + sentence("GPGSA,A,3,02,05,07,09,13,15,18,20,29,,,,1.6,0.9,"
                          "1.3")
               + sentence("GPRMC,%s,A,%s,%05.2f,%s,%s,,,A" % (
                   clock, place, speed * KNOTS,
                   "      " if course is None else "%06.2f" % course,
                   t.strftime("%d%m%y")))).encode()


def angle(degrees, digits, letters):
    whole = int(abs(degrees))
    return "%0*d%08.5f,%s" % (digits, whole, 60 * (abs(degrees) - whole),
                              letters[degrees < 0])


def sentence(body):
    check = 0
    for c in body:
        check ^= ord(c)
    return "$%s*%02X\r\n" % (body, check)
