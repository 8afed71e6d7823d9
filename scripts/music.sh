#!/usr/bin/env bash
# From a fresh clone to music: install into .venv, train MuseGAN on Bach's chorales, write phrases to music/.
# Arguments go to `gansuite train musegan`: scripts/music.sh --steps 500
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
run=runs/musegan/$(date +%Y%m%d-%H%M%S)
.venv/bin/gansuite train musegan --out "$run" "$@"
.venv/bin/gansuite generate "$run" -n 8 -o "$run/music"
echo "Music: $run/music (MIDI, WAV, PNG); training: $run/report.html"
