#!/bin/sh
# Installs botmcp in a Debian 12 container, as root: a user, an environment, units of systemd. Running it again upgrades.
#
#   lxc launch images:debian/12 botmcp
#   lxc file push --recursive deploy botmcp-0.1.0-py3-none-any.whl botmcp/srv/
#   lxc exec botmcp -- sh /srv/deploy/lxc/install.sh /srv/botmcp-0.1.0-py3-none-any.whl
#   lxc config device add botmcp port proxy listen=tcp:127.0.0.1:8765 connect=tcp:127.0.0.1:8765
set -eu

wheel=${1:?name the wheel, or the name of the package on an index}
here=$(cd "$(dirname "$0")/.." && pwd)

apt-get update -q
apt-get install -qy --no-install-recommends python3 python3-venv postgresql ca-certificates

id botmcp >/dev/null 2>&1 || useradd --system --home-dir /var/lib/botmcp --shell /usr/sbin/nologin botmcp
[ -x /opt/botmcp/bin/python ] || python3 -m venv /opt/botmcp
/opt/botmcp/bin/pip install -q --upgrade "$wheel"

mkdir -p /etc/botmcp
if [ ! -f /etc/botmcp/botmcp.env ]; then
  password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
  token=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
  systemctl enable --now postgresql
  su postgres -c "psql -qc \"create role botmcp login createrole password '$password'\""
  su postgres -c "createdb --owner botmcp botmcp"
  sed -e "s/change-me/$password/" -e "s/^#BOTMCP_TOKEN=.*/BOTMCP_TOKEN=$token/" \
    "$here/systemd/botmcp.env" >/etc/botmcp/botmcp.env
fi
chown root:botmcp /etc/botmcp/botmcp.env
chmod 0640 /etc/botmcp/botmcp.env

cp "$here/systemd/botmcp-serve.service" "$here/systemd/botmcp-worker@.service" /etc/systemd/system/
systemctl daemon-reload
systemctl enable --now botmcp-serve.service botmcp-worker@1.service
systemctl restart botmcp-serve.service botmcp-worker@1.service
echo "botmcp serves on 127.0.0.1:8765; the token is in /etc/botmcp/botmcp.env."
