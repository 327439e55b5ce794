#!/bin/sh
# make model: every configuration of run.sh that takes under a minute, two at a
# time (some 2.5 minutes in all, 1 GB each at most); ends with
# "N passed, N failed" and fails if a verdict is not the one expected.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# Minutes to hours, up to 17 GB.
slow='led-repart|led-lie|led-kloss|all-range'

for tool in spin gcc; do
	command -v $tool >/dev/null || {
		echo "quick.sh: no $tool: run tools/setup test" >&2
		exit 1
	}
done
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

names=$(sed -n "s/^\([a-zA-Z0-9-]*\)  *\(ok\|bad\) .*/\1/p" "$here/run.sh" |
	grep -v -x -E "$slow")
echo "$names" |
	xargs -P 2 -I NAME env ONLY=NAME T=280 MEM=6000 sh "$here/run.sh" |
	tee "$TMPDIR/verdicts"

# One that says nothing has failed as well.
passed=$(grep -c '^as expected' "$TMPDIR/verdicts")
failed=$(($(echo "$names" | wc -l) - passed))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
