#!/bin/sh
# Plays a rotation on an offline account, in four steps. Needs no token and touches nothing but a folder
# of its own:
#
#   MTLSCTL=target/release/mtlsctl sh examples/rotation/rotate.sh
#
# The certificates are those of examples/ca. CAs of your own for a trial are made by
#
#   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
#     -subj '/CN=Fleet CA' -keyout fleet.key -out fleet.pem
set -eu

mtlsctl=${MTLSCTL:-mtlsctl}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/ca" "$work/rotation"
cp "$here"/../ca/fleet-2025.pem "$here"/../ca/fleet-2026.pem "$work/ca"
cp "$here/mtls.yaml" "$work/rotation"
cd "$work/rotation"

echo "== 1. The account as the file says: one CA"
"$mtlsctl" apply --sandbox --yes

echo "== 2. Its successor takes the name; both are accepted from the next apply on"
"$mtlsctl" rotate fleet --to ../ca/fleet-2026.pem --sandbox
"$mtlsctl" apply --sandbox --yes

echo "== 3. The clients move. Nothing is to be done until the overlap is over"
"$mtlsctl" status --sandbox
"$mtlsctl" plan --sandbox --detailed-exitcode
echo "-- and after it:"
"$mtlsctl" plan --sandbox --at 2099-01-01

echo "== 4. From that day on an apply takes the old CA away. Here it does not wait"
"$mtlsctl" apply --sandbox --yes --allow-short-overlap fleet
"$mtlsctl" status --sandbox
