#!/bin/sh
# One command of the product, as its user and with the settings of its units. Run by root: deploy/manage.sh doctor
# It is the command of the version that this file belongs to, whichever is the current one.
# The owner's password is read here and by the drill alone: pages and jobs never have it.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
set -a
. /etc/ivig/ivig.env
if [ -f /etc/ivig/owner.env ]; then . /etc/ivig/owner.env; fi
HOME=/var/lib/ivig
set +a
umask 077
exec runuser -u ivig -- .venv/bin/python manage.py "$@"
