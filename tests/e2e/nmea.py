"""A made-up receiver: what one that walks would say, in NMEA."""
import datetime

LAT_STEP_MIN = 0.0007	# 1.3 m
LAT_MIN, LON = 3327.0, "07040.0000,W"


def write_walk(path, begin, seconds):
    """Walks south from `begin` (Unix), a fix a second; bytes of a second."""
    size = 0
    with open(path, "w", newline="") as f:
        for i in range(seconds):
            then = datetime.datetime.fromtimestamp(begin + i,
                                                   datetime.timezone.utc)
            clock = then.strftime("%H%M%S.00")
            place = "%09.4f,S,%s" % (LAT_MIN + i * LAT_STEP_MIN, LON)
            text = sentence("GPGGA,%s,%s,1,09,0.9,550.0,M,30.0,M,,"
                            % (clock, place))
            text += sentence("GPGSA,A,3,01,02,03,04,05,06,07,08,09,,,,1.6,"
                             "0.9,1.3")
            text += sentence("GPRMC,%s,A,%s,2.5,180.0,%s,,,A"
                             % (clock, place, then.strftime("%d%m%y")))
            size = size or len(text)
            f.write(text)
    return size


def sentence(body):
    check_sum = 0
    for c in body:
        check_sum ^= ord(c)
    return "$%s*%02X\r\n" % (body, check_sum)
