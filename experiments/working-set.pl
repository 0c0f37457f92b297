#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# working-set.pl BUILD OUT [SEED [SIZES [SLICES [N]]]]: what slices cost by the size of what a domain works on.
#
# Domains that share one processor run workloads/workset.c with 4 KB to 4 MB; slices last 5 to 50 ms.
# Lists of others are separated by commas.
# The loss is what their work together lacks of one domain's alone. Caches, TLBs and buses belong to a
# processor, so that n domains on two processors are n/2 on this one: n is given as in Figure 6.
#
# For slices of 5 ms and n = 8 the cycles that a slice costs are shown by cause: a unit's cycles, less
# those of a unit of the domain alone, times units a slice.
#
# Writes OUT/working-set.json, .csv (for plots/working-set.gp) and .txt, which is shown too.
use strict;
use warnings;
use JSON::PP;

my ($build, $out, $placement, $sizes, $slices, $copies) = @ARGV;
die "usage: working-set.pl BUILD OUT [SEED [SIZES [SLICES [N]]]]\n" unless defined $out;
$placement //= 1;
my @sizes = split /,/, $sizes // '4,16,64,128,192,256,384,512,1024,2048,4096'; # KB
my @slices = split /,/, $slices // '5,10,20,50';                                # ms; the first is shown by cause
my @copies = split /,/, $copies // '2,4,8,32';                                  # 2 must be among them

sub contents { my ($name) = @_; local $/; open my $f, '<', $name or die "$name: $!\n"; return <$f> }

# Units a second, and cycles a unit by cause, of n/2 domains on one processor.
sub run_point {
    my ($kb, $slice, $n) = @_;
    my ($log, $json) = ("$out/run.log", "$out/run.json");
    my $window = $slice * $n / 2;
    $window = 40 if $window < 40;
    my @command = ("$build/xenolith", 'run', '--system', 'xen', '--cpus', 1, '--domains', $n / 2, '--slice', "${slice}ms",
        '--workload', "workset/${kb}k", '--placement', $placement, '--for', "${window}ms", '--json', $json);
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
    my ($events, $units) = ($result->{events}, 0);
    $units += $_->{units} // 0 for @{ $result->{contexts} };
    my %cause = (hypervisor => 0, kernel => 0, instructions => $events->{cycles_issue}[3], l1 => $events->{cycles_l1}[3],
        memory => $events->{cycles_memory}[3], tlb => $events->{cycles_tlb}[3]);
    for my $event (grep { /^cycles_/ } keys %$events) {
        $cause{hypervisor} += $events->{$event}[0];
        $cause{kernel} += $events->{$event}[1];
    }
    $cause{$_} /= $units for keys %cause;
    return { rate => $result->{work}{units_per_second}, cause => \%cause, units_a_slice => $result->{work}{units_per_second} * $slice / 1000 };
}

mkdir $out;
my (@rows, %alone);
for my $kb (@sizes) {
    for my $slice (@slices) {
        print STDERR "working-set: $kb KB, $slice ms\n";
        my %point = map { $_ => run_point($kb, $slice, $_) } @copies;
        my $alone = $point{2};
        for my $n (@copies) {
            my $p = $point{$n};
            my %row = (kb => $kb, slice_ms => $slice, n => $n, loss => 1 - $p->{rate} / $alone->{rate});
            $row{cycles_a_slice} = { map { $_ => ($p->{cause}{$_} - $alone->{cause}{$_}) * $p->{units_a_slice} } keys %{ $p->{cause} } };
            push @rows, \%row;
        }
    }
}

my $text = "Loss in per cent, by working set: n domains on two processors\n";
for my $slice (@slices) {
    $text .= sprintf "\nslices of %d ms\n%-8s" . '%8s' x @sizes . "\n", $slice, 'n', map { "${_}K" } @sizes;
    for my $n (grep { $_ > 2 } @copies) {
        $text .= sprintf '%-8d' . '%8.2f' x @sizes . "\n", $n, map { 100 * $_->{loss} } grep { $_->{n} == $n && $_->{slice_ms} == $slice } @rows;
    }
}
$text .= sprintf "\nthousands of cycles that a slice of 5 ms (12,000) costs, n = 8\n%-14s" . '%8s' x @sizes . "\n", 'cause', map { "${_}K" } @sizes;
for my $cause (qw(memory l1 tlb hypervisor kernel instructions)) {
    $text .= sprintf '%-14s' . '%8.1f' x @sizes . "\n", $cause,
        map { $_->{cycles_a_slice}{$cause} / 1000 } grep { $_->{n} == 8 && $_->{slice_ms} == 5 } @rows;
}
my $csv = "kb,slice_ms,n,loss\n" . join '', map { sprintf "%d,%d,%d,%.4f\n", @{$_}{qw(kb slice_ms n)}, 100 * $_->{loss} } @rows;
my %file = (txt => $text, csv => $csv, json => JSON::PP->new->canonical->pretty->encode({ schema => 'xenolith-working-set/1', placement => $placement + 0, rows => \@rows }));
for my $kind (keys %file) {
    open my $f, '>', "$out/working-set.$kind" or die "$out/working-set.$kind: $!\n";
    print $f $file{$kind};
    close $f or die "$out/working-set.$kind: $!\n";
}
print $text;
