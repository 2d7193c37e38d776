#!/bin/sh
# Make the certificates of a broker on this machine: an authority of our own, and one for the
# brokers, which they also show to one another.
#
#   certificates.sh FOLDER    makes ca.pem (public) and broker.pem (key and certificate: secret)
set -eu
umask 077
mkdir -p "$1"
cd "$1"
key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc'

# $key is several words.
openssl req -x509 $key -keyout ca.key -out ca.pem -days 3650 -subj '/CN=authority' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' 2>/dev/null
openssl req -x509 $key -CA ca.pem -CAkey ca.key -keyout broker.key -out broker.crt -days 3650 \
    -subj '/CN=broker' -addext 'basicConstraints=critical,CA:FALSE' \
    -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' 2>/dev/null
cat broker.key broker.crt ca.pem > broker.pem
rm ca.key broker.key broker.crt
chmod 644 ca.pem
