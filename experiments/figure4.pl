#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# figure4.pl BUILD OUT [SERVERS [OFFERED]]: 1 to 16 web servers on two processors, beside Figure 4
#
# Debian's lighttpd serves a load after SPEC WEB99's rules (sim/net/load.h): n servers of the bare
# kernel, each with a port, and n domains, each with an address. A bar is offered so many connections
# at a time (OFFERED, a list), shared by the servers; its score is the most that conformed. The clients
# are four hosts behind a switch.
#
# Scaled to what can be simulated: one directory of files (5 MB, in memory) where the paper has 2 GB on
# a disk, 0.7 s to warm and 1 s measured, lighttpd and SCGI where it has Apache and its own module. The
# bare kernel has 512 MB. A domain has its part of 768 MB, at most 512: as much as the bare kernel where
# it is alone, and enough for sixteen.
#
# Writes OUT/figure4.json, .csv (for plots/figure4.gp) and .txt, which is shown too.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use List::Util 'min';
use Machine;

my ($build, $out, $servers, $offered) = @ARGV;
die "usage: figure4.pl BUILD OUT [SERVERS [OFFERED]]\n" unless defined $out;
my @servers = split /,/, $servers // '1,2,4,8,16';
my @offered = split /,/, $offered // '400,800';

use constant { WARM_MS => 700, MEASURED_MS => 1000, HOSTS => 4, NATIVE_MB => 512, DOMAINS_MB => 768 };

# The options of the load: server number i has that address and port, and the users begin at `from`.
sub load {
    my ($from, $connections, @server) = @_;
    my $n = @server;
    return map { ('--load-web', sprintf 'http://%s,connections=%d,from=%dms,warm=%dms,for=%dms,by=%d,seed=%d', $server[$_],
        $connections / $n, $from, WARM_MS, MEASURED_MS, $_ % HOSTS + 1, $_ + 1) } 0 .. $n - 1;
}

sub native {
    my ($n, $connections) = @_;
    my $from = 1000 + 100 * $n;
    return ($from, "$build/guestos/kernel-native.elf",
        "quiet ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off init=/sbin/init -- /bin/serve 80 $n",
        '--module', "$build/web99/web.cpio", '', '--mem', NATIVE_MB . 'M', load($from, $connections, map { "10.0.2.15:" . (80 + $_) } 0 .. $n - 1));
}

# Domain 0's root with a description of each domain.
sub domain_root {
    my ($n) = @_;
    my $memory = int min(NATIVE_MB, DOMAINS_MB / $n);
    my @words = ("sbin/init=$build/workloads/bin/init", "sbin/xl=$build/workloads/bin/xl", "sbin/xend=$build/workloads/bin/xend",
        "boot/kernel=$build/workloads/kernel-xen.elf", "boot/root=$build/web99/web.cpio");
    for my $i (0 .. $n - 1) {
        my $ip = '10.0.2.' . (16 + $i);
        keep($out, "web$i", cfg => "name = web$i\nmemory = $memory\nkernel = /boot/kernel\nramdisk = /boot/root\nvif = ['ip=$ip']\n"
            . "extra = 'quiet ip=${ip}:::255.255.255.0 init=/sbin/init -- /bin/serve 80 1'\n");
        push @words, "etc/web$i=$out/web$i.cfg";
    }
    run_logged("$out/image.log", 'workloads/make-image', "$out/domain0.cpio", @words);
    return "$out/domain0.cpio";
}

sub xen {
    my ($n, $connections) = @_;
    my $from = 2000 + 250 * $n;
    my $create = join ' ; ', map { "xl create /etc/web$_" } 0 .. $n - 1;
    return ($from, "$build/hv/hv.elf", 'dom0_mem=96M', '--module', "$build/guestos/kernel-xen.elf",
        "quiet init=/sbin/init -- xend ; $create ; sleep 1000", '--module', domain_root($n), '--mem', '1500M',
        load($from, $connections, map { '10.0.2.' . (16 + $_) } 0 .. $n - 1));
}

# Starts a bar's run; its result is read when it has ended.
sub start_bar {
    my ($system, $n, $connections) = @_;
    my $json = "$out/$system-$n-$connections.json";
    my ($from, @words) = $system eq 'xen' ? xen($n, $connections) : native($n, $connections);
    my $run = start_logged("$out/$system-$n-$connections.log", "$build/xenolith", 'boot', @words, '--net', 'host,hosts=' . HOSTS,
        '--cpus', 2, '--timing', 'full', '--for', ($from + WARM_MS + MEASURED_MS + 10) . 'ms', '--json', $json);
    return { %$run, json => $json };
}

sub end_bar {
    my ($run) = @_;
    wait_logged($run);
    my %sum = (offered => 0);
    for my $client (@{ result($run->{json})->{clients} }) {
        $sum{$_} += $client->{$_} for qw(conforming requests answered by_program wrong failed bytes);
        $sum{offered} += $client->{connections};
    }
    return \%sum;
}

mkdir $out;
my %paper = map { ("$_->{system} $_->{n}" => $_->{conforming}) } paper_rows('figure4');
my ($csv, @rows) = ("n,system,conforming,offered,mbit,errors\n");
my $text = sprintf "Figure 4: conforming connections of n web servers on two processors\n"
    . "5 MB of files in memory, %.1f s measured; offered: %s\n\n%3s %-7s %10s %8s %8s %8s %8s\n", MEASURED_MS / 1000,
    join(', ', @offered), qw(n system conforming paper offered Mbit/s errors);
for my $n (@servers) {
    my %best;
    for my $connections (@offered) {
        print STDERR "figure4: $n servers, $connections connections\n";
        my %run = map { $_ => start_bar($_, $n, $connections) } qw(native xen); # one a host's core
        for my $system (qw(native xen)) {
            my $got = end_bar($run{$system});
            push @rows, { n => $n + 0, system => $system, %$got };
            $best{$system} = $got if !$best{$system} || $got->{conforming} > $best{$system}{conforming};
        }
    }
    for my $system (qw(native xen)) {
        my $best = $best{$system};
        my $mbit = $best->{bytes} * 8 / MEASURED_MS / 1000;
        my $errors = $best->{wrong} + $best->{failed};
        $csv .= sprintf "%d,%s,%d,%d,%.1f,%d\n", $n, $system, $best->{conforming}, $best->{offered}, $mbit, $errors;
        my $line = sprintf "%3d %-7s %10d %8s %8d %8.1f %8d\n", $n, $system, $best->{conforming}, $paper{"$system $n"} // '-',
            $best->{offered}, $mbit, $errors;
        print STDERR $line;
        $text .= $line;
    }
}
keep($out, 'figure4', txt => $text, csv => $csv,
    json => JSON::PP->new->canonical->pretty->encode({ schema => 'xenolith-figure4/1', rows => \@rows }));
print $text;
