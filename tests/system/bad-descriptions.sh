#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# bad-descriptions.sh: descriptions of experiments that are refused: one sentence with file and
# line, exit status 2, nothing made. A row of the table below is the line, a part of the sentence,
# and the description, in which ~ ends a line; 0: the sentence is about no line.
set -u
. tests/system/verdict.sh
X='[experiment]~name = x~system = native~'

while IFS='|' read -r line sentence text; do
    [ -n "$line" ] || continue
    printf '%s\n' "$text" | sed "s#^X#$X#" | tr '~' '\n' >"$work/bad.ini"
    "$xenolith" lab "$work/bad.ini" --out "$work/none" >"$work/out" 2>"$work/why"
    status=$?
    where=": "
    [ "$line" = 0 ] || where="bad.ini, line $line: "
    if [ $status -eq 2 ] && [ "$(wc -l <"$work/why")" -eq 1 ] && grep -qF -- "$where" "$work/why" &&
        grep -qF -- "$sentence" "$work/why" && [ ! -e "$work/none" ] && [ ! -s "$work/out" ]; then
        pass "$(cut -d: -f 2- "$work/why" | sed "s#$work/##")"
    else
        fail "$text" "status $status: $(head -n 3 "$work/why")"
    fi
done <<'END'
0|needs a name in|
0|needs a name in|[experiment]~name = x
0|needs a name in|[a]~system = native
0|needs a name in|X[a]~template = yes
1|stands before the first section|name = x~[experiment]
1|neither a section nor NAME = VALUE|experiment
1|a section is [NAME]|[experiment
1|a section is [NAME]|[]
2|a name is made of|[experiment]~na me = x
2|a name is made of|[experiment]~= x
2|name must have letters|[experiment]~name = ../x~[a]~cpus = 1
2|name must have letters|[experiment]~name = a/b~[a]~cpus = 1
2|name must have letters|[experiment]~name = .hidden~[a]~cpus = 1
2|name must have letters|[experiment]~name = -x~[a]~cpus = 1
2|name must have letters|[experiment]~name =~[a]~cpus = 1
2|name must have letters|[experiment]~name = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~[a]~cpus = 1
3|name stands in line 2 too|[experiment]~name = x~name = y~[a]~cpus = 1
4|../a must have letters|X[../a]~cpus = 1
4|a/b must have letters|X[a/b]~cpus = 1
4|. must have letters|X[.]~cpus = 1
4|a series that says nothing|X[a]
4|a series that says nothing|X[a]~[b]~cpus = 1
6|section a stands in line 4 too|X[a]~cpus = 1~[a]~memory = 8M
6|section experiment stands in line 1 too|X[a]~cpus = 1~[experiment]~memory = 8M
5|there is no option slcie|X[a]~slcie = 5ms
4|there is no option swep|Xswep = 1, 2~[a]~cpus = 1
4|there is no option domians|Xaxis.domians = 1, 2~[a]~cpus = 1
4|is the name of nothing|Xaxis. = 1~[a]~cpus = 1
4|has an empty value|Xaxis.slice =~[a]~cpus = 1
4|has an empty value|Xaxis.slice = 1ms,,5ms~[a]~cpus = 1
4|has an empty value|Xaxis.slice = 1ms, 5ms,~[a]~cpus = 1
4|has a value twice|Xaxis.slice = 1ms, 5ms, 1ms~[a]~cpus = 1
4|has an empty value|Xsweep =~[a]~cpus = 1
5|is given twice, as a value and an axis|Xslice = 1ms~axis.slice = 1ms, 5ms~[a]~cpus = 1
5|is given twice, as a value and an axis|Xsweep = 1~axis.domains = 2~[a]~cpus = 1
6|has not as many values|Xcombine = zip~axis.domains = 1, 2~axis.slice = 1ms~[a]~cpus = 1
4|combine must be product or zip|Xcombine = both~[a]~cpus = 1
4|metric must be|Xmetric = speed~[a]~cpus = 1
4|normalise is no value of|Xnormalise = 1~[a]~cpus = 1
5|normalise is no value of|Xsweep = 2, 4~normalise = 1~[a]~cpus = 1
4|title has no value|Xtitle =~[a]~cpus = 1
4|label belongs into a series|Xlabel = y~[a]~cpus = 1
5|metric belongs into [experiment]|X[a]~metric = work.units
5|plot belongs into [experiment]|X[a]~plot = x.gp
5|inherit names no series|X[a]~inherit = b
5|inherit leads in a circle|X[a]~inherit = a
5|inherit leads in a circle|X[a]~inherit = b~[b]~inherit = a
5|template must be yes or no|X[a]~template = maybe
4|json is not a description's business|Xjson = out.json~[a]~cpus = 1
4|db is not a description's business|Xdb = out.db~[a]~cpus = 1
4|console is not a description's business|Xconsole = yes~[a]~cpus = 1
4|exact must be yes or no|Xexact = 1~[a]~cpus = 1
5|memory has no value|X[a]~memory =
5|cpus 9: must be|X[a]~cpus = 9
4|domains 0: must be|Xaxis.domains = 1, 0~[a]~cpus = 1
4|slice 1ns: must be|Xaxis.slice = 1ms, 1ns~[a]~cpus = 1
5|for soon: must be|X[a]~for = soon
5|timing slow: must be|X[a]~timing = slow
5|unknown workload sing|X[a]~workload = sing
5|cache.l2.sise|X[a]~cache.l2.sise = 1K
4|cache.l2: 525312|Xaxis.cache.l2.size = 512K, 513K~[a]~cpus = 1
5|cost.cr3_load|X[a]~cost.cr3_load = dear
5|cannot read|X[a]~machine = ./absent.ini
5|cannot read|X[a]~program = ./absent
4|args needs --program or --domain|Xargs = a b~[a]~cpus = 1
6|do not fit into|Xmem = 64M~domains = 100~[a]~memory = 8M
5|domain.web.colour: a kind|X[domain web]~colour = red~program = build/workloads/bin/cint~[a]~cpus = 1
6|domain.web.count 0: must be|X[domain web]~program = build/workloads/bin/cint~count = 0~[a]~cpus = 1
6|domain.web.count x: must be|X[domain web]~program = build/workloads/bin/cint~axis.count = 1, x~[a]~cpus = 1
4|is no name of a kind|X[domain we b]~program = x~[a]~cpus = 1
5|is nothing that a kind|X[domain web]~cost.cr3_load = 1~[a]~cpus = 1
5|domain.web is not|X[a]~domain.web = 1
5|cannot read|X[domain web]~program = ./absent~[a]~cpus = 1
5|two points would be called|Xaxis.files = a/b, a_b~[a]~cpus = 1
END
verdict
