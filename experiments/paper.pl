#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# paper.pl BUILD OUT: one page with every figure and table of the paper, ours beside the published
#
# Reads what the experiments left in BUILD/results and the pictures in BUILD/figures, and writes
# OUT/index.html, which needs nothing else: pictures are in it, there is no script, and it is read on
# paper, in the dark, by keyboard and by a screen reader as well. What has not been run is said to be
# absent. OUT/index.json has the same numbers, with distances.
#
# An experiment is a row of the table @experiments. Its CSV is joined with the paper's by the key
# columns; the distance of a number is ours by the paper's less one. Some are compared as a ratio: to
# the first row of the same kind (`base`), or of two columns (`by`).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Machine;

my ($build, $out) = @ARGV;
die "usage: paper.pl BUILD OUT\n" unless defined $out;
my $xenolith = "$build/xenolith";

use constant LEAST => 0.01; # nothing is divided by less: a difference of nearly equal numbers

my $predicted = 'Predicted: nothing of it was used to set anything.';
my @experiments = (
    { name => 'figure6', title => 'Figure 6: copies of a compute job on two processors',
      keys => ['system', 'n'], values => ['throughput'],
      hangs => "$predicted The 5 ms curve hangs on the working sets of the programs, which aim at published miss ratios of SPEC CINT2000 (docs/cost-model.md).",
      scaled => "Programs of ours in the place of SPEC CINT2000's; windows of about a second of simulated time." },
    { name => 'tables', title => 'Tables 3, 4 and 5: operations of the system, in microseconds',
      keys => ['table', 'row'], values => ['l_up', 'xen'], by => ['xen', 'l_up'],
      hangs => 'Calibrated: null call on the bare kernel (int 0x80 and iret have what the kernel leaves of the published 0.45 us). All else is predicted.',
      scaled => 'A suite of ours after lmbench 3\'s published methods; files are in memory, processes smaller than lmbench\'s (docs/tables.md).' },
    { name => 'table5-files', title => 'Table 5: files on ext3 on a disk', text => 1,
      hangs => "$predicted The disk's times are published properties of a disk of the paper's class.", scaled => 'A volume of 64 MB.' },
    { name => 'table6', title => 'Table 6: bandwidth by ttcp, Mb/s', keys => ['row'], values => ['native', 'xen'],
      hangs => "$predicted The wire's rate is the standard's; the card's costs stand in the machine's description.",
      scaled => 'The peer is a host of the simulator, not a second machine.' },
    { name => 'figure3', title => 'Figure 3: six workloads, native and in a domain', text => 1, hangs => $predicted, scaled => '' },
    { name => 'figure4', title => 'Figure 4: web servers on two processors', keys => ['system', 'n'], values => ['conforming'],
      hangs => $predicted, scaled => 'lighttpd and 5 MB of files in memory in the place of Apache and 2 GB on a disk; a second is measured.' },
    { name => 'figure5', title => 'Figure 5: PostgreSQL servers on two processors, one a domain', keys => ['test', 'n'],
      values => ['tuples'], base => 'n',
      hangs => "$predicted Compared is each point by the single server's.", scaled => '100,000 tuples a server, in memory; three seconds are measured.' },
    { name => 'isolation', title => 'Section 4.4: work beside hostile domains', text => 1, hangs => $predicted,
      scaled => 'The compute job in the place of OSDB and SPEC WEB99; no disk hog.' },
    { name => 'rtt', title => 'Section 4.5: round trips to a busy domain among 128', text => 1, hangs => $predicted, scaled => '' },
    { name => 'working-set', title => 'What a slice costs by working set (explains Figure 6)', text => 1, hangs => $predicted,
      scaled => 'A figure of ours: the paper has none.' },
);

sub escape {
    my ($text) = @_;
    my %name = ('&' => 'amp', '<' => 'lt', '>' => 'gt', '"' => 'quot');
    $text =~ s/([&<>"])/&$name{$1};/g;
    return $text;
}

# The rows of a CSV file, each by column.
sub csv_rows {
    my ($file) = @_;
    my @lines = grep { !/^#/ && /\S/ } split /\n/, contents($file);
    my @columns = split /,/, shift @lines;
    return map { my %row; @row{@columns} = split /,/; \%row } @lines;
}

sub number { my ($v) = @_; return !defined $v || $v !~ /^-?[\d.]+$/ ? '-' : $v == int $v ? 0 + $v : sprintf '%.4g', $v }

# Ours and the paper's for one value; undef where there is none.
sub compared {
    my ($e, $ours, $paper, $value, $base) = @_;
    my ($here, $there) = ($ours->{$value}, $paper && $paper->{$value});
    if ($e->{base}) {
        $here = $base->{ours} && defined $here ? $here / $base->{ours} : undef;
        $there = $base->{paper} && defined $there ? $there / $base->{paper} : undef;
    }
    return ($here, $there);
}

# A table of rows: keys, then for each value ours, the paper's, the distance.
sub join_rows {
    my ($e, $file) = @_;
    my $key = sub { my ($row) = @_; join '|', map { $row->{$_} // '' } @{ $e->{keys} } };
    my %paper = map { ($key->($_) => $_) } paper_rows($e->{name});
    my (@rows, %base);
    for my $ours (csv_rows($file)) {
        my $paper = $paper{ $key->($ours) };
        my $group = $e->{base} ? $ours->{ $e->{keys}[0] } : '';
        my %row = (keys => [map { $ours->{$_} } @{ $e->{keys} }], values => []);
        if ($e->{base}) {
            $base{$group} //= { ours => $ours->{ $e->{values}[0] }, paper => $paper && $paper->{ $e->{values}[0] } };
        }
        for my $value (@{ $e->{values} }) {
            my ($here, $there) = compared($e, $ours, $paper, $value, $base{$group});
            push @{ $row{values} }, { name => $value, ours => $here, paper => $there };
        }
        if ($e->{by}) {
            my ($over, $under) = @{ $e->{by} };
            my @ratio = map { $_ && ($_->{$under} || 0) > LEAST ? $_->{$over} / $_->{$under} : undef } $ours, $paper;
            push @{ $row{values} }, { name => "$over/$under", ours => $ratio[0], paper => $ratio[1] };
        }
        for my $v (@{ $row{values} }) {
            $v->{distance} = $v->{ours} / $v->{paper} - 1 if defined $v->{ours} && $v->{paper} && $v->{paper} != 0;
        }
        push @rows, \%row;
    }
    return \@rows;
}

sub html_table {
    my ($e, $rows) = @_;
    my @names = map { $_->{name} } @{ $rows->[0]{values} };
    my $head = join '', map { "<th scope=\"col\" rowspan=\"2\">" . escape($_) . '</th>' } @{ $e->{keys} };
    $head .= join '', map { '<th scope="colgroup" colspan="3">' . escape($_ . ($e->{base} ? ', of one' : '')) . '</th>' } @names;
    my $second = join '', map { '<th scope="col">ours</th><th scope="col">paper</th><th scope="col">distance</th>' } @names;
    my $body = '';
    for my $row (@$rows) {
        my @keys = @{ $row->{keys} };
        $body .= '<tr>' . join('', map { '<th scope="row">' . escape($_) . '</th>' } @keys);
        for my $v (@{ $row->{values} }) {
            my $far = defined $v->{distance} && abs $v->{distance} > 0.1 ? ' class="far"' : '';
            $body .= '<td>' . number($v->{ours}) . '</td><td>' . number($v->{paper}) . "</td><td$far>"
                . (defined $v->{distance} ? sprintf('%+.1f %%', 100 * $v->{distance}) : '-') . '</td>';
        }
        $body .= "</tr>\n";
    }
    return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" . escape($e->{title}) . "\"><table>\n<thead><tr>$head</tr><tr>$second</tr></thead>\n<tbody>\n$body</tbody></table></div>\n";
}

# The distances of a table as sizes, the least first: of ratios, where it has them.
sub far {
    my ($e, $rows) = @_;
    my @distances;
    for my $row (@$rows) {
        for my $v (@{ $row->{values} }) {
            next if !defined $v->{distance} || $e->{by} && $v->{name} !~ m{/};
            push @distances, abs $v->{distance};
        }
    }
    my @sorted = sort { $a <=> $b } @distances;
    return @sorted;
}

# A picture made by gnuplot, to stand in the page.
sub picture {
    my ($e) = @_;
    my $file = "$build/figures/$e->{name}.svg";
    return '' unless -e $file;
    my $svg = contents($file);
    $svg =~ s/^.*?(?=<svg)//s;
    $svg =~ s/(id="|url\(#|xlink:href="#|href="#)/$1$e->{name}-/g; # names are the page's
    my $text = escape("$e->{title}; the numbers are in the table below");
    return "<figure role=\"img\" aria-label=\"$text\">$svg</figure>\n";
}

# One experiment's part of the page, and its row of the summary.
sub section {
    my ($e) = @_;
    my $folder = "$build/results/$e->{name}";
    my ($csv, $txt) = ("$folder/$e->{name}.csv", "$folder/$e->{name}.txt");
    my $part = "<section id=\"$e->{name}\"><h2>" . escape($e->{title}) . "</h2>\n";
    my %summary = (name => $e->{name}, title => $e->{title}, state => 'absent');
    if (!$e->{text} && -e $csv) {
        my $rows = join_rows($e, $csv);
        my @far = far($e, $rows);
        %summary = (%summary, state => 'run', numbers => scalar @far, median => $far[@far / 2], worst => $far[-1], rows => $rows);
        $part .= picture($e) . html_table($e, $rows);
    } elsif ($e->{text} && -e $txt) {
        $summary{state} = 'run';
        $part .= picture($e) . "<pre tabindex=\"0\">" . escape(contents($txt)) . "</pre>\n";
    } else {
        return ($part . "<p class=\"absent\">Absent: <code>make $e->{name}</code> has not been run.</p></section>\n", \%summary);
    }
    $part .= "<dl><dt>What the numbers hang on</dt><dd>" . escape($e->{hangs}) . "</dd>\n";
    $part .= "<dt>Scaled</dt><dd>" . escape($e->{scaled}) . "</dd>\n" if $e->{scaled};
    $part .= "<dt>How it was run</dt><dd><code>make $e->{name}</code>; results in <code>build/results/$e->{name}</code></dd></dl></section>\n";
    return ($part, \%summary);
}

sub percent { my ($v) = @_; return defined $v ? sprintf('%.1f %%', 100 * $v) : '-' }

my (@parts, @summaries);
for my $e (@experiments) {
    my ($part, $summary) = section($e);
    push @parts, $part;
    push @summaries, $summary;
}
my ($version) = (`$xenolith version 2>/dev/null` || "xenolith, an unknown version\n") =~ /(.*)/;
my ($revision) = `$xenolith version 2>/dev/null` =~ /revision (\S+)/;
$version .= ", revision $revision" if $revision && index($version, $revision) < 0;
my $nav = join "\n", map { "<li><a href=\"#$_->{name}\">" . escape($_->{title}) . '</a></li>' } @summaries;
my $summary = join "\n", map {
    "<tr><th scope=\"row\"><a href=\"#$_->{name}\">" . escape($_->{title}) . "</a></th><td>$_->{state}</td><td>" . ($_->{numbers} // '-')
        . '</td><td>' . percent($_->{median}) . '</td><td>' . percent($_->{worst}) . '</td></tr>' } @summaries;
my $page = <<"END";
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Xen and the Art of Virtualization, rerun by Xenolith</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --text: #1b1b1b; --back: #fdfdfb; --line: #c9c9c4; --soft: #f0f0ec; --link: #0a5299; --far: #9a3412; }
\@media (prefers-color-scheme: dark) { :root { --text: #e7e7e2; --back: #16181a; --line: #4a4d50; --soft: #202326; --link: #8ec5ff; --far: #ffb38a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--text); background: var(--back); }
a { color: var(--link); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
figure { margin: 1rem 0; padding: .5rem; background: #fff; border: 1px solid var(--line); border-radius: 4px; }
figure svg { display: block; width: 100%; height: auto; }
.scroll, pre { overflow-x: auto; }
code, .version { overflow-wrap: anywhere; }
pre { padding: .75rem; background: var(--soft); font-size: .85rem; line-height: 1.35; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th[scope="row"] { text-align: left; font-weight: 500; }
#summary th[scope="row"] { white-space: normal; }
thead th { background: var(--soft); text-align: center; }
td.far { color: var(--far); font-weight: 600; }
dt { font-weight: 600; margin-top: .5rem; }
dd { margin: 0; }
.absent { padding: .6rem; background: var(--soft); border-left: 4px solid var(--line); }
\@media print { nav, .skip { display: none; } body { max-width: none; background: #fff; color: #000; } section { break-inside: avoid-page; } .scroll, pre { overflow: visible; } pre { white-space: pre-wrap; } }
</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header>
<h1>"Xen and the Art of Virtualization", rerun</h1>
<p>Every figure and table of Barham et al. (SOSP 2003) that Xenolith reruns, beside the published numbers. All of it is simulated
time of the paper's machine, a Dell 2650 with two 2.4 GHz Xeons. Numbers more than 10 % from the paper's are marked.</p>
<p class="version">${\escape($version)}</p>
</header>
<nav aria-label="Experiments"><ol>
$nav
</ol></nav>
<main id="content">
<section id="summary"><h2>All at a glance</h2>
<div class="scroll" tabindex="0" role="region" aria-label="All at a glance"><table>
<thead><tr><th scope="col">Experiment</th><th scope="col">State</th><th scope="col">Numbers</th><th scope="col">Median distance</th><th scope="col">Worst</th></tr></thead>
<tbody>
$summary
</tbody></table></div></section>
<section id="rules"><h2>What may set a number</h2>
<p>Only measurements of native systems and published properties of the hardware and the workloads. No number of Xen's sets anything, so
every one of them is a prediction. Each value of the machine says where it comes from: published, recalled, calibrated or assumed.</p></section>
@{[join "\n", @parts]}
</main>
</body>
</html>
END
mkdir $out;
keep($out, 'index', html => $page,
    json => JSON::PP->new->canonical->pretty->encode({ schema => 'xenolith-paper/1', version => $version, experiments => \@summaries }));
printf "%-14s %-8s %8s %10s %10s\n", 'experiment', 'state', 'numbers', 'median', 'worst';
printf "%-14s %-8s %8s %10s %10s\n", $_->{name}, $_->{state}, $_->{numbers} // '-', percent($_->{median}), percent($_->{worst}) for @summaries;
