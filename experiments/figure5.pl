#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# figure5.pl BUILD OUT [POINTS [TESTS]]: 1 to 8 PostgreSQL servers on two processors, beside Figure 5
#
# Debian's PostgreSQL, unmodified, one a domain, each with a volume of the disk, under OSDB's
# multi-user tests (workloads/osdb): `ir` selects a tuple by its key, `oltp` changes one. Ten users a
# server, all servers from the same second on. "8w" are eight whose weights are 8 to 1, as 18.2 to
# 6.2 % against the ideal 22.2 to 2.8 % in the paper.
#
# What is compared with the paper is each point's ratio to the single server's: the relation here has
# 100,000 tuples (OSDB's of 10 MB) and lies in memory; the paper does not say what its data base had.
#
# Writes OUT/figure5.json, .csv (for plots/figure5.gp) and .txt, which is shown too.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Machine;

my ($build, $out, $points, $tests) = @ARGV;
die "usage: figure5.pl BUILD OUT [POINTS [TESTS]]\n" unless defined $out;
my @points = split /,/, $points // '1,2,4,8,8w';
my @tests = split /,/, $tests // 'ir,oltp';

use constant { TUPLES => 100_000, USERS => 10, SECONDS => 3, DOMAIN_MB => 128, VOLUME_MB => 260 };
use constant EPOCH => 1_066_521_600; # the machine's clock at its start

sub servers { my ($point) = @_; return $point =~ /^(\d+)/ ? $1 : die "figure5: no such point: $point\n" }

# When all have long read their data base: they share a disk for it.
sub begin { my ($n) = @_; return 15 + 10 * $n }

# Domain 0's root with a description of each domain.
sub domain_root {
    my ($n, $test) = @_;
    my @words = ("sbin/init=$build/workloads/bin/init", "sbin/xl=$build/workloads/bin/xl", "sbin/xend=$build/workloads/bin/xend",
        "boot/kernel=$build/workloads/kernel-xen.elf");
    for my $i (0 .. $n - 1) {
        keep($out, "$test-$n-db$i", cfg => "name = db$i\nmemory = ${\DOMAIN_MB}\nkernel = /boot/kernel\ndisk = ['volume:v$i,xvda,w']\n"
            . "extra = 'quiet root=/dev/xvda init=/bin/osdb -- $test ${\TUPLES} ${\USERS} ${\SECONDS} " . (EPOCH + begin($n)) . "'\n");
        push @words, "etc/db$i=$out/$test-$n-db$i.cfg";
    }
    run_logged("$out/image.log", 'workloads/make-image', "$out/$test-$n.cpio", @words);
    return "$out/$test-$n.cpio";
}

# A disk with so many copies of the data base, each a volume. Sparse, made once.
sub disk {
    my ($n) = @_;
    my $disk = "$out/disk-$n.img";
    return $disk if -e $disk;
    run_logged("$out/disk.log", 'truncate', '-s', 1 + $n * VOLUME_MB . 'M', "$disk.part");
    run_logged("$out/disk.log", 'dd', "if=$build/osdb/osdb.img", "of=$disk.part", 'bs=1M', 'conv=notrunc,sparse',
        'seek=' . (1 + $_ * VOLUME_MB)) for 0 .. $n - 1;
    run_logged("$out/image.log", 'workloads/make-image', "$out/volumes.cpio", "sbin/init=$build/workloads/bin/init",
        "sbin/xl=$build/workloads/bin/xl");
    run_logged("$out/disk.log", "$build/xenolith", 'boot', "$build/hv/hv.elf", '--module', "$build/guestos/kernel-xen.elf",
        'quiet init=/sbin/init -- xl volume-init hda' . join('', map { " ; xl volume-create -k v$_ ${\VOLUME_MB}" } 0 .. $n - 1),
        '--module', "$out/volumes.cpio", '--disk', "$disk.part", '--disk-write', '--timing', 'fast', '--mem', '128M');
    rename "$disk.part", $disk or die "$disk: $!\n";
    return $disk;
}

sub start_point {
    my ($point, $test) = @_;
    my $n = servers($point);
    my $weights = $point =~ /w/ ? join '', map { " ; xl sched-bvt -d db$_ -w " . 10 * ($n - $_) } 0 .. $n - 1 : '';
    my $create = join ' ; ', map { "xl create /etc/db$_" } 0 .. $n - 1;
    my $json = "$out/$test-$point.json";
    my $run = start_logged("$out/$test-$point.log", "$build/xenolith", 'boot', "$build/hv/hv.elf", 'dom0_mem=64M',
        '--module', "$build/guestos/kernel-xen.elf", "quiet init=/sbin/init -- xend ; $create$weights ; sleep 1000",
        '--module', domain_root($n, $test), '--mem', 160 + $n * DOMAIN_MB . 'M', '--disk', disk($n), '--cpus', 2, '--timing', 'full',
        '--for', begin($n) + SECONDS + 4 + 2 * $n . 's', '--json', $json);
    return { %$run, json => $json, n => $n };
}

# Tuples a second of each server, by what it announced (mark work).
sub end_point {
    my ($run) = @_;
    wait_logged($run);
    my @rates = map { $_->{units} / SECONDS } grep { $_->{units} } @{ result($run->{json})->{contexts} };
    die "figure5: $run->{json}: " . @rates . " servers of $run->{n} came to an end\n" if @rates != $run->{n};
    return @rates;
}

mkdir $out;
my %paper = map { ("$_->{test} $_->{n}" => $_->{tuples}) } paper_rows('figure5');
my ($csv, $text, @rows) = ("n,test,tuples\n", sprintf "Figure 5: tuples a second of n PostgreSQL servers on two processors\n"
    . "%d tuples a server, in memory; %d users each, %d s measured\n\n%4s %-5s %10s %8s %8s %9s  %s\n", TUPLES, USERS, SECONDS,
    'n', 'test', 'tuples/s', 'ratio', 'paper', 'distance', 'shares, %');
my (%single, @waiting);
my $finish = sub {
    my ($point, $test, $run) = @{ shift @waiting };
    my @rates = sort { $b <=> $a } end_point($run);
    my $sum = 0;
    $sum += $_ for @rates;
    $single{$test} = $sum if $point eq '1';
    my $ratio = $single{$test} ? $sum / $single{$test} : undef;
    my $wanted = $paper{"$test $point"} && $paper{"$test $point"} / $paper{"$test 1"};
    push @rows, { n => $point, test => $test, tuples => 0 + sprintf('%.1f', $sum), servers => [map { $_ + 0 } @rates] };
    $csv .= sprintf "%s,%s,%.1f\n", $point, $test, $sum;
    my $line = sprintf "%4s %-5s %10.1f %8s %8s %9s  %s\n", $point, $test, $sum, defined $ratio ? sprintf('%.3f', $ratio) : '-',
        $wanted ? sprintf('%.3f', $wanted) : '-', $wanted && defined $ratio ? distance($ratio, $wanted) : '-',
        join ' ', map { sprintf '%.1f', 100 * $_ / $sum } @rates;
    print STDERR $line;
    $text .= $line;
};
for my $test (@tests) {
    for my $point (@points) {
        print STDERR "figure5: $test, $point\n";
        push @waiting, [$point, $test, start_point($point, $test)];
        $finish->() if @waiting > 1; # one a host's core
    }
}
$finish->() while @waiting;
unlink glob "$out/disk-*.img";
keep($out, 'figure5', txt => $text, csv => $csv,
    json => JSON::PP->new->canonical->pretty->encode({ schema => 'xenolith-figure5/1', rows => \@rows }));
print $text;
