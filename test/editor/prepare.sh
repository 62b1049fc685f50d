#!/usr/bin/env bash
# Installs what a real editor needs into a directory: code-server from npm (its newest for Node 20), chromium and ripgrep from Debian.
# Nothing is fetched where it is there already.
set -euo pipefail
directory=$1
version=4.100.3
export npm_config_fund=false npm_config_audit=false npm_config_build_from_source=true

if ! command -v chromium >/dev/null || ! command -v rg >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium ripgrep
fi
if [ -e "$directory/ready-$version" ]; then exit 0; fi

mkdir -p "$directory"
cd "$directory"
[ -f package.json ] || echo '{"private":true}' > package.json
# Its own scripts refuse to run as root and fetch ripgrep from elsewhere.
npm install --no-save --ignore-scripts "code-server@$version"
# The one native module that it does not start without.
npm rebuild argon2
cd node_modules/code-server/lib/vscode
npm ci --omit=dev --ignore-scripts --legacy-peer-deps
(cd extensions && npm ci --omit=dev --ignore-scripts)
ln -sfn node_modules node_modules.asar
mkdir -p node_modules/@vscode/ripgrep/bin
ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
touch "$directory/ready-$version"
