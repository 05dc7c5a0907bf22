# For the scripts here: the corpora beside the repository, and rows that differ from them for a reason.
# Source after tests/support/tap.sh. A list has two columns, row and reason, separated by a tab.
# shellcheck shell=bash
corpus=../shared/corpus
if [ ! -d "$corpus" ] || [ ! -x ../shared/score ]; then skip_all "../shared/corpus is not here"; fi
command -v python3 >/dev/null || skip_all "python3 is not installed"

reason_of() { awk -F'\t' -v row="$2" '$1 == row { print $2; exit }' "$1"; } # LIST ROW

# pdftoppm does not draw every file alike twice (fonts that are not embedded): such a row may be asked again.
unsteady() { # ROW WHY ARGUMENT-OF-SCORE...
	local i
	[[ $2 == *"pages render differently"* ]] || return 1
	for i in 1 2 3 4; do
		../shared/score "${@:3}" --bulla "$bulla" --only "$1" >/dev/null 2>&1 || continue
		ok "$1: agrees, asked again (the renderer is not steady on it)" true
		return 0
	done
	return 1
}

# Each row that differs must be in LIST (or "none"), and each row of LIST must differ. The lines are in $W/score.
compare_rows() { # LIST AGAIN...: the command that asks about an unsteady row again
	local list=tests/corpus/$1 total row why reason
	[ "$1" = none ] && list=/dev/null
	total=$(tail -1 "$W/score")
	ok "scored: $total" has "$total" ' agree$'
	[ -s "$W/score.errors" ] && sed 's/^/# /' "$W/score.errors"
	sed -n 's/^differs  //p' "$W/score" >"$W/differs"
	grep -v '^differs  ' "$W/score" | sed 's/^/# /'
	while IFS=$'\t' read -r row reason; do
		[ -n "$row" ] && [ "${row:0:1}" != "#" ] || continue
		ok "$row: differs, for a reason ($reason)" grep -qF -- "$row: " "$W/differs"
	done <"$list"
	while IFS= read -r why; do
		row=${why%%: *}
		[ -n "$(reason_of "$list" "$row")" ] && continue
		unsteady "$row" "$why" "${@:2}" || ok "$why" false
	done <"$W/differs"
}

score_rows() { # LIST ARGUMENT-OF-SCORE...
	../shared/score "${@:2}" --bulla "$bulla" --jobs 2 >"$W/score" 2>"$W/score.errors"
	compare_rows "$@"
}

# A driver of our own, which prints as the scorer does.
driver_rows() { # LIST COMMAND...
	"${@:2}" >"$W/score" 2>"$W/score.errors"
	compare_rows "$1"
}
