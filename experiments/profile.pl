#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# profile.pl BUILD OUT [PROGRAM...]: how the programs of cint use a processor's caches, on the bare kernel.
#
# Each program runs alone, over and over. The first run has the machine's own caches. The others give
# the L1 data cache other sizes, four ways, with stores that fetch their line, as published curves
# have it: its misses are the program's curve. cycles_by_worth is 1 where program.h's worth holds.
#
# Writes OUT/profile.json and .txt, which is shown too.
use strict;
use warnings;
use JSON::PP;

my ($build, $out, @programs) = @ARGV;
die "usage: profile.pl BUILD OUT [PROGRAM...]\n" unless defined $out;
@programs = qw(pack netopt algebra othello anneal chess rays links) unless @programs;
my @sizes = (8, 16, 32, 64, 128, 256, 512, 1024);
my $window = '200ms';

sub contents { my ($name) = @_; local $/; open my $f, '<', $name or die "$name: $!\n"; return <$f> }

# The events of a run, summed over contexts and rings, and its units of work.
sub run_program {
    my ($program, @set) = @_;
    my ($log, $json) = ("$out/run.log", "$out/run.json");
    my @command = ("$build/xenolith", 'run', '--system', 'native', '--cpus', 1, '--domains', 1, '--program',
        "$build/workloads/bin/$program", '--repeat', '--for', $window, '--json', $json, map { ('--set', $_) } @set);
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
    my %sum;
    for my $event (keys %{ $result->{events} }) {
        $sum{$event} += $_ // 0 for @{ $result->{events}{$event} };
    }
    $sum{units} += $_->{units} // 0 for @{ $result->{contexts} };
    $sum{cycles} += $sum{$_} for grep { /^cycles_/ } keys %sum;
    return \%sum;
}

mkdir $out;
my @rows;
for my $program (@programs) {
    print STDERR "profile: $program\n";
    my $own = run_program($program);
    my $instructions = $own->{instructions};
    my %row = (program => $program, cycles_by_worth => $own->{cycles} / $own->{units} / 10000, cpi => $own->{cycles} / $instructions);
    $row{$_} = 1000 * $own->{$_} / $instructions for qw(l1d_misses l1i_misses l2_accesses l2_misses l2_prefetches l2_writebacks dtlb_misses);
    for my $kb (@sizes) {
        my $run = run_program($program, "cache.l1d.size=${kb}K", 'cache.l1d.ways=4', 'cache.l1d.write_allocate=yes');
        push @{ $row{misses_by_size} }, { kb => $kb, misses => 1000 * $run->{l1d_misses} / $run->{instructions} };
    }
    push @rows, \%row;
}

my $text = sprintf "%-9s%7s%7s%7s%7s%9s%9s%9s%7s\n", 'program', 'CPI', 'L1D', 'L1I', 'L2', 'prefetch', 'written', 'look-ups', 'DTLB';
for (@rows) {
    $text .= sprintf "%-9s%7.2f%7.1f%7.2f%7.2f%9.2f%9.2f%9.1f%7.2f\n", $_->{program}, $_->{cpi},
        @{$_}{qw(l1d_misses l1i_misses l2_misses l2_prefetches l2_writebacks l2_accesses dtlb_misses)};
}
$text .= "\n(a thousand instructions)\n\n";
$text .= sprintf '%-9s' . '%8s' x @sizes . "\n", 'misses', map { "${_}K" } @sizes;
my @mean = (0) x @sizes;
for my $row (@rows) {
    my @misses = map { $_->{misses} } @{ $row->{misses_by_size} };
    $mean[$_] += $misses[$_] / @rows for 0 .. $#sizes;
    $text .= sprintf '%-9s' . '%8.2f' x @sizes . "\n", $row->{program}, @misses;
}
$text .= sprintf '%-9s' . '%8.2f' x @sizes . "\n", 'mean', @mean;
my %file = (txt => $text, json => JSON::PP->new->canonical->pretty->encode({ schema => 'xenolith-profile/1', rows => \@rows }));
for my $kind (keys %file) {
    open my $f, '>', "$out/profile.$kind" or die "$out/profile.$kind: $!\n";
    print $f $file{$kind};
    close $f or die "$out/profile.$kind: $!\n";
}
print $text;
