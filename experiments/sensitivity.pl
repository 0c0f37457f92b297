#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# sensitivity.pl BUILD OUT [WORD...]: which numbers hang on which parameter of the machine.
#
# Each parameter of processor, caches and memory is set 30 per cent lower and higher, alone. Sizes and
# ways, which are powers of two, are halved and doubled; flags are switched. Measured each time:
#   Figure 6 at n = 8 with slices of 5 ms, over a quarter of a second, against n = 1 on the same machine;
#   as four domains on one processor, since caches, TLBs and buses belong to a processor
#   rows of the tables, a domain's time over the bare kernel's on the same machine
# What is shown is the change of each in per cent of its value on the machine as it is.
#
# Points of Figure 6 are the laboratory's and resumed by it; rows whose result is newer than all that
# it came from are not run again. WORDs: only parameters that contain one of them.
#
# Writes OUT/sensitivity.csv (for plots/sensitivity.gp, the 24 that matter most) and .txt, which is shown.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Machine qw(contents);

my ($build, $out, @words) = @ARGV;
die "usage: sensitivity.pl BUILD OUT [WORD...]\n" unless defined $out;
my $machine = 'machines/xeon-2400.ini';
my @rows = ('null call', 'sig hndl', 'fork proc', '2p0K', '8p64K', 'mmap lat', 'page fault');
my @columns = ('Figure 6', @rows);
my $shown = 24;
my $program = "$build/workloads/bin/latency";
my %kernel = (native => "$build/guestos/kernel-native.elf", xen => "$build/guestos/kernel-xen.elf");
my @inputs = ("$build/xenolith", "$build/hv/hv.elf", values %kernel, $program, $machine, $0);

# ---- parameters ----------------------------------------------------------------------------------

# section.name => [kind, least, most], of those that the cost model has.
sub kinds {
    my %kind;
    my $text = contents('cpu/costs/costs.def');
    $kind{"$1.$2"} = [$3, $4, $5] while $text =~ /^PARAMETER\("([\w.]+)",\s*"(\w+)",\s*\w+,\s*(\w+),\s*(\d+),\s*(\d+)/mg;
    return %kind;
}

# [parameter, value] in the machine's order.
sub parameters {
    my ($section, @list);
    for (split /\n/, contents($machine)) {
        $section = $1 if /^\[([\w.]+)\]/;
        push @list, ["$section.$1", $2] if /^(\w+) = ([^;]*?)\s*(;|$)/;
    }
    return @list;
}

sub number { my ($value) = @_; return $value =~ /^([\d.]+)([KM]?)$/ ? $1 * { '' => 1, K => 1024, M => 1048576 }->{$2} : die "$value: not a number\n" }

# The two other values, undef where the parameter cannot have one.
sub variants {
    my ($name, $value, $kind, $least, $most) = @_;
    return $value eq 'yes' ? ('no', undef) : (undef, 'yes') if $kind eq 'FLAG';
    my $step = $kind eq 'EIGHTH' ? 0.125 : 1;
    my $power = $name =~ /\.(size|ways|sector)$/;
    my @other = map { $power ? number($value) * $_->[1] : $step * int(number($value) * $_->[0] / $step + 0.5) } [0.7, 0.5], [1.3, 2];
    return map { $_ == number($value) || $_ < $least || $_ > $most ? undef : $_ } @other;
}

my %kind = kinds();
my @cases; # [parameter, 0 for less or 1 for more, value]
for (parameters()) {
    my ($name, $value) = @$_;
    next if !$kind{$name} || $name eq 'cpu.clock' || (@words && !grep { index($name, $_) >= 0 } @words);
    my @other = variants($name, $value, @{ $kind{$name} });
    push @cases, map { [$name, $_, $other[$_]] } grep { defined $other[$_] } 0, 1;
}
die "sensitivity.pl: no such parameter\n" unless @cases;
sub label { my ($case) = @_; return $case ? "$case->[0]-" . ($case->[1] ? 'more' : 'less') : 'as-it-is' }

# ---- Figure 6 ------------------------------------------------------------------------------------

my $series = 60; # in one description: the laboratory takes 64

sub figure6_part {
    my ($name, @part) = @_;
    my $text = "[experiment]\nname = $name\ntitle = half of Figure 6's point n = 8, with one parameter changed\nworkload = cint\n"
        . "cpus = 1\nmemory = 12M\nplacement = 1\nsweep = 1, 4\nfor = 250ms\nmetric = units_per_second\nnormalise = 1\n"
        . "\n[as-it-is]\nsystem = xen\nslice = 5ms\n";
    $text .= "\n[" . label($_) . "]\ninherit = as-it-is\n$_->[0] = $_->[2]\n" for @part;
    open my $f, '>', "$out/$name.ini" or die "$out/$name.ini: $!\n";
    print $f $text;
    close $f or die "$out/$name.ini: $!\n";
    system("$build/xenolith", 'lab', "$out/$name.ini", '--resume', '--out', "$out/figure6") == 0 or die "the laboratory failed\n";
    my %value;
    for (split /\n/, contents("$out/figure6/$name.csv")) {
        my ($n, $system, $throughput) = split /,/;
        $value{$system} = 2 * $throughput if $n eq '4';
    }
    return %value;
}

sub figure6 {
    my (%value, $part);
    for (my $from = 0; $from < @cases; $from += $series) {
        my $to = $from + $series > @cases ? $#cases : $from + $series - 1;
        %value = (%value, figure6_part('part-' . ++$part, @cases[$from .. $to]));
    }
    return %value;
}

# ---- the tables ----------------------------------------------------------------------------------

sub run_rows {
    my ($system, $case) = @_;
    my $file = "$out/rows/" . label($case) . ".$system";
    return if -e $file && !grep { -M $_ < -M $file } @inputs;
    my @command = ("$build/xenolith", 'run', '--system', $system, '--cpus', 1, '--program', $program, '--args',
        join(' ', 'all', map { "'$_'" } @rows), '--files', "$build/workloads/latency/files", '--for', '60s', '--console');
    push @command, '--memory', '48M' if $system eq 'xen';
    push @command, '--set', "$case->[0]=$case->[2]" if $case;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$file.log";
        open STDERR, '>&', \*STDOUT;
        exec @command or die "$command[0]: $!\n";
    }
    waitpid $pid, 0;
    die "@command: failed; see $file.log\n" if $?;
    rename "$file.log", $file or die "$file: $!\n";
}

# All of them, as many at once as there are processors.
sub tables {
    my @jobs = map { my $case = $_; map { [$_, $case] } 'native', 'xen' } undef, @cases;
    my $workers = `getconf _NPROCESSORS_ONLN` + 0 || 1;
    mkdir "$out/rows";
    for my $worker (0 .. $workers - 1) {
        my $pid = fork // die "fork: $!\n";
        next if $pid;
        run_rows(@{ $jobs[$_] }) for grep { $_ % $workers == $worker } 0 .. $#jobs;
        exit 0;
    }
    my $failed = 0;
    while ((my $pid = wait) > 0) { $failed ||= $? }
    die "rows of the tables could not be measured\n" if $failed;
    my %ratio;
    for my $case (undef, @cases) {
        my %us = map { my $text = contents("$out/rows/" . label($case) . ".$_"); $_ => { $text =~ /^(?:\(d1\) )?([\w\/ ]+)\t(-?\d+)\r?$/mg } } 'native', 'xen';
        $ratio{ label($case) }{$_} = $us{xen}{$_} / $us{native}{$_} for @rows;
    }
    return %ratio;
}

# ---- what comes out ------------------------------------------------------------------------------

mkdir $out;
my %throughput = figure6();
my %value = tables();
$value{$_}{'Figure 6'} = $throughput{$_} // die "$_: not measured\n" for keys %value;

sub change { my ($label, $column) = @_; return 100 * ($value{$label}{$column} / $value{'as-it-is'}{$column} - 1) }
my (%most, %seen);
for my $case (@cases) {
    for my $column (@columns) {
        my $size = abs change(label($case), $column);
        $most{ $case->[0] } = $size if $size > ($most{ $case->[0] } // 0);
    }
}
my @order = sort { ($most{$b} // 0) <=> ($most{$a} // 0) || $a cmp $b } grep { !$seen{$_}++ } map { $_->[0] } @cases;
my %of = map { label($_) => $_ } @cases;

my $text = sprintf "Changes in per cent, by parameter\n%-26s%9s" . '%11s' x @columns . "\n", '', 'set to', @columns;
$text .= sprintf '%-26s%9s' . '%11.3f' x @columns . "\n", 'as it is', '', map { $value{'as-it-is'}{$_} } @columns;
for my $name (@order) {
    for my $case (grep { $_ } map { $of{"$name-$_"} } 'less', 'more') {
        $text .= sprintf '%-26s%9s' . '%+11.2f' x @columns . "\n", $name, $case->[2], map { change(label($case), $_) } @columns;
    }
}
my $csv = "parameter,set_to,row,column,number,change\n";
my $row = 0;
for my $name (@order) {
    last if $row >= 2 * $shown;
    for my $case (grep { $_ } map { $of{"$name-$_"} } 'less', 'more') {
        $csv .= sprintf "%s,%s,%d,%d,%s,%.3f\n", $name, $case->[2], $row, $_, $columns[$_], change(label($case), $columns[$_]) for 0 .. $#columns;
        $row++;
    }
}
my %file = (txt => $text, csv => $csv);
for my $kind (keys %file) {
    open my $f, '>', "$out/sensitivity.$kind" or die "$out/sensitivity.$kind: $!\n";
    print $f $file{$kind};
    close $f or die "$out/sensitivity.$kind: $!\n";
}
print $text;
