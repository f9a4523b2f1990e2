#!/usr/bin/env bash
# Verify $TARGET; the report goes to the log and to the run's summary. The exit status is that of `convcheck verify`.
set -uo pipefail
options=(--level "${LEVEL:-core}" --lang "${LANGUAGE:-en}")
for name in ${ONLY:-}; do options+=(--only "$name"); done
report=$(convcheck verify "$TARGET" "${options[@]}" 2>&1)
status=$?
echo "$report"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    { echo '```'; echo "$report"; echo '```'; } >> "$GITHUB_STEP_SUMMARY"
fi
exit $status
