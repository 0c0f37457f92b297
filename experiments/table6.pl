#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# table6.pl BUILD OUT [BYTES]: TCP's bandwidth, of the bare kernel and of a domain, beside Table 6
#
# ttcp sends BYTES (20,000,000) to the host at the far end of a Gigabit wire and fetches as many, with
# frames of 1500 and of 500 bytes, 128 KB of buffers, one processor, in full timing. Both systems have
# the same kernel, so that the far host and the wire are the same too. The paper sent 400 MB and took
# the median of nine; here every transfer gives the same number. Rates are payload, in 2^20 bits a
# second as the paper's are: a wire carries 897 of them in frames of 1500 bytes, 794 in frames of 500.
#
# Writes OUT/table6.json, .csv (for plots/table6.gp) and .txt, which is shown too.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Machine;

my ($build, $out, $bytes) = @ARGV;
die "usage: table6.pl BUILD OUT [BYTES]\n" unless defined $out;
$bytes //= 20_000_000;

# Rates of both directions, and the cycles of a byte by ring.
sub transfer {
    my ($system, $mtu, $direction) = @_;
    my ($log, $json) = ("$out/$system-$mtu-$direction.log", "$out/$system-$mtu-$direction.json");
    my $ttcp = $direction eq 'TX' ? "/ttcp -t 10.0.2.2 9 $bytes" : "/ttcp -f 10.0.2.2 19 $bytes";
    run_logged($log, "$build/xenolith", 'shell', '--system', $system eq 'xen' ? ('xen', '--guest') : 'native',
        '--timing', 'full', '--net', 'host', '--add', "$build/workloads/bin/ttcp=/ttcp",
        '--command', "ifconfig eth0 mtu $mtu; $ttcp", '--json', $json);
    contents($log) =~ /in ([0-9.]+) s:/ or die "$log: no rate\n";
    my $nic = result($json)->{nics}[0];
    return { rate => $bytes * 8 / $1 / 2**20, frames_an_interrupt => $nic->{interrupts}
            ? ($nic->{frames_received} + $nic->{frames_sent}) / $nic->{interrupts} : undef };
}

mkdir $out;
my $text = "Table 6: bandwidth by ttcp, Mb/s (2^20 bits); $bytes bytes a transfer\n\n"
    . sprintf "%-9s %8s %8s %8s   %8s %8s %8s   %s\n", 'row', 'native', 'paper', '', 'xen', 'paper', '', 'frames an interrupt';
my ($csv, @rows) = ("row,native,xen\n");
for my $paper (paper_rows('table6')) {
    my ($mtu, $direction) = split / /, $paper->{row};
    my %ours = map { print STDERR "table6: $paper->{row}, $_\n"; $_ => transfer($_, $mtu, $direction) } qw(native xen);
    $text .= sprintf "%-9s %8.0f %8.0f %8s   %8.0f %8.0f %8s   %.1f, %.1f\n", $paper->{row},
        map({ $ours{$_}{rate}, $paper->{$_}, distance($ours{$_}{rate}, $paper->{$_}) } qw(native xen)),
        $ours{native}{frames_an_interrupt}, $ours{xen}{frames_an_interrupt};
    $csv .= sprintf "%s,%.1f,%.1f\n", $paper->{row}, $ours{native}{rate}, $ours{xen}{rate};
    push @rows, { row => $paper->{row}, %ours };
}
keep($out, 'table6', txt => $text, csv => $csv,
    json => JSON::PP->new->canonical->pretty->encode({ schema => 'xenolith-table6/1', bytes => $bytes + 0, rows => \@rows }));
print $text;
