"""A made-up receiver: what one that walks would say, in NMEA."""
import datetime

LAT_STEP_MIN = 0.0007	# 1.3 m
LAT_MIN, LON = 3327.0, "07040.0000,W"
LAT_DEG, LON_DEG = -33.45, -70.0 - 40.0 / 60	# where it begins
KNOTS = 2.5		# the same as that step a second


def latitude(steps):
    """Where it is after so many steps south."""
    return LAT_DEG - steps * LAT_STEP_MIN / 60


def write_walk(path, begin, seconds, stride=1, back_at=None, lon=LON):
    """Walks south from `begin` (Unix), a fix a second, `stride` steps each,
    and north again after back_at seconds; bytes of a second."""
    size = steps = 0
    with open(path, "w", newline="") as f:
        for i in range(seconds):
            then = datetime.datetime.fromtimestamp(begin + i,
                                                   datetime.timezone.utc)
            clock = then.strftime("%H%M%S.00")
            south = back_at is None or i < back_at
            place = "%09.4f,S,%s" % (LAT_MIN + steps * LAT_STEP_MIN, lon)
            steps += stride if south else -stride
            text = sentence("GPGGA,%s,%s,1,09,0.9,550.0,M,30.0,M,,"
                            % (clock, place))
            text += sentence("GPGSA,A,3,01,02,03,04,05,06,07,08,09,,,,1.6,"
                             "0.9,1.3")
            text += sentence("GPRMC,%s,A,%s,%03.1f,%05.1f,%s,,,A" % (
                clock, place, KNOTS * stride, 180.0 if south else 0.0,
                then.strftime("%d%m%y")))
            size = size or len(text)
            f.write(text)
    return size


def sentence(body):
    check_sum = 0
    for c in body:
        check_sum ^= ord(c)
    return "$%s*%02X\r\n" % (body, check_sum)
