#!/bin/sh
# Debian's Firefox, which ends with who started it, however that ends.
exec setpriv --pdeathsig=KILL "${FIREFOX:-/usr/bin/firefox-esr}" "$@"
