#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# tables.pl BUILD OUT [ROW...]: the rows of the paper's Tables 3, 4 and 5, by workloads/latency, on the
# bare kernel with two processors and with one, and in a domain on one.
#
# A row's value is what the program reads from the time-stamp counter. Where its cycles go is found
# apart from that: the row runs once with its number of operations and once with twice as many, and the
# difference of the two results is that of the operations, by cause. For rows whose overhead is
# subtracted the causes contain the overhead, of both systems alike.
#
# Writes OUT/tables.json, .csv (for plots/tables.gp) and .txt, which is shown too.
use strict;
use warnings;
use JSON::PP;

my ($build, $out, @only) = @ARGV;
die "usage: tables.pl BUILD OUT [ROW...]\n" unless defined $out;
my $mhz = 2400;
my @causes = qw(issue l1 memory tlb crossing cr3 control);
my @systems = (['l_smp', 'native', 2], ['l_up', 'native', 1], ['xen', 'xen', 1]);
my $program = "$build/workloads/bin/latency";

sub contents { my ($name) = @_; local $/; open my $f, '<', $name or die "$name: $!\n"; return <$f> }

# Runs the program; returns its lines, name => value, and the result.
sub run_program {
    my ($system, $cpus, $arguments) = @_;
    my ($log, $json) = ("$out/run.log", "$out/run.json");
    my @command = ("$build/xenolith", 'run', '--system', $system, '--cpus', $cpus, '--program', $program,
        '--args', $arguments, '--files', "$build/workloads/latency/files", '--for', '60s', '--console', '--json', $json);
    push @command, '--memory', '48M' if $system eq 'xen';
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $log;
        open STDERR, '>&', \*STDOUT;
        exec @command or die "$command[0]: $!\n";
    }
    waitpid $pid, 0;
    die "@command: failed; see $log\n" if $?;
    my $result = decode_json(contents($json));
    die "$system: latency $arguments failed; see $log\n"
        if grep { ($_->{exit_status} // 1) != 0 } @{ $result->{copies} };
    my %value = contents($log) =~ /^(?:\(d1\) )?([\w\/ ]+)\t(-?\d+)\r?$/mg;
    return (\%value, $result);
}

sub total { my ($result, $event) = @_; my $sum = 0; $sum += $_ for @{ $result->{events}{$event} }; return $sum }

# What one operation costs, by cause, and its instructions.
sub by_cause {
    my ($system, $row) = @_;
    my (undef, $once) = run_program($system, 1, "one '$row' 1");
    my ($count, $twice) = run_program($system, 1, "one '$row' 2");
    my $operations = $count->{operations} or die "$row: no count of operations\n";
    my %cost = map { $_ => (total($twice, "cycles_$_") - total($once, "cycles_$_")) / $operations } @causes;
    $cost{instructions} = (total($twice, 'instructions') - total($once, 'instructions')) / $operations;
    return \%cost;
}

sub paper_rows {
    my @rows;
    for (split /\n/, contents('paper/tables.csv')) {
        next if /^#/ || /^table,/;
        my %row;
        @row{qw(table row l_smp l_up xen)} = split /,/;
        push @rows, \%row;
    }
    return @rows;
}

sub ratio { my ($a, $b) = @_; return defined $a && defined $b && $b > 0 ? $a / $b : undef }
sub figure { my ($value) = @_; return defined $value ? sprintf '%9.*f', $value < 100 ? 2 : 0, $value : sprintf '%9s', '-' }
sub csv { my ($value) = @_; return defined $value ? sprintf '%.4f', $value : 'NaN' }

mkdir $out;
my @paper = grep { my $row = $_->{row}; !@only || grep { $_ eq $row } @only } paper_rows();
die "tables.pl: no such row\n" if @only && @paper != @only;
my (%measured, @rows);
for (@systems) {
    my ($name, $system, $cpus) = @$_;
    print STDERR "tables: $name\n";
    ($measured{$name}) = run_program($system, $cpus, join ' ', 'all', map { "'$_'" } @only);
}
for my $paper (@paper) {
    my $name = $paper->{row};
    my %row = (table => $paper->{table} + 0, row => $name, paper_us => { map { $_->[0] => $paper->{ $_->[0] } + 0 } @systems });
    for (map { $_->[0] } @systems) {
        my $value = $measured{$_}{$name};
        die "$name: not measured on $_\n" unless defined $value;
        $row{us}{$_} = $value == 0 ? undef : $value / 1000 / $mhz;
    }
    if (defined $row{us}{xen}) {
        print STDERR "tables: $name by cause\n";
        my %cost = (l_up => by_cause('native', $name), xen => by_cause('xen', $name));
        $row{cycles} = \%cost;
    }
    $row{ratio} = ratio($row{us}{xen}, $row{us}{l_up});
    $row{paper_ratio} = ratio($paper->{xen}, $paper->{l_up});
    push @rows, \%row;
}

# ---- what comes out ------------------------------------------------------------------------------
my @text = (sprintf '%-12s%28s%29s%18s', 'microseconds', 'here', 'the paper', 'Xen / L-UP');
push @text, sprintf '%-12s' . '%9s' x 6 . '%9s' x 2 . '%9s', '', qw(L-SMP L-UP Xen L-SMP L-UP Xen here paper off);
my $table = 0;
for my $row (@rows) {
    push @text, "Table $row->{table}" if $row->{table} != $table;
    $table = $row->{table};
    my $off = defined $row->{ratio} ? sprintf '%+8.0f%%', 100 * ($row->{ratio} / $row->{paper_ratio} - 1) : sprintf '%9s', '-';
    push @text, sprintf('%-12s', $row->{row}) . join('', map { figure($row->{us}{$_}) } qw(l_smp l_up xen))
        . join('', map { figure($row->{paper_us}{$_}) } qw(l_smp l_up xen))
        . figure($row->{ratio}) . figure($row->{paper_ratio}) . $off;
}
push @text, '', 'What Xen adds to an operation, cycles by cause (rings together), and instructions', sprintf '%-12s' . '%9s' x 9, '', @causes, qw(together instrs);
for my $row (grep { $_->{cycles} } @rows) {
    my $cycles = $row->{cycles};
    my %more = map { $_ => $cycles->{xen}{$_} - $cycles->{l_up}{$_} } @causes, 'instructions';
    my $sum = 0;
    $sum += $more{$_} for @causes;
    push @text, sprintf '%-12s' . '%9.0f' x 9, $row->{row}, (map { $more{$_} } @causes), $sum, $more{instructions};
}
my $shown = join("\n", @text) . "\n";
my $lines = "table,row,l_smp,l_up,xen\n"; # as paper/tables.csv
for my $row (@rows) {
    $lines .= join(',', $row->{table}, $row->{row}, map { csv($row->{us}{ $_->[0] }) } @systems) . "\n";
}
my %file = (txt => $shown, csv => $lines, json => JSON::PP->new->canonical->pretty->encode({ schema => 'xenolith-tables/1', mhz => $mhz, rows => \@rows }));
for my $kind (keys %file) {
    open my $f, '>', "$out/tables.$kind" or die "$out/tables.$kind: $!\n";
    print $f $file{$kind};
    close $f or die "$out/tables.$kind: $!\n";
}
print $shown;
