#!/bin/sh
# .git/hooks/pre-commit: the same without the pre-commit framework.
set -eu
if ! git diff --cached --quiet -- mtls.yaml ca; then
  mtlsctl validate --strict
fi
