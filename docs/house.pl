#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# house.pl: the rooms of the house and who includes whom, read from the sources, as a graphviz graph.
#
# A node is a folder, a box around it a program. An arrow leads from a folder to one whose headers
# it includes. A folder that more than half of its program's others include has a thick border, and
# no arrows: they would hide all the rest.
# `make pictures` draws docs/pictures/house.png from it.
use strict;
use warnings;

# What each folder is for, in the order in which a reader meets them.
my @rooms = (
    ['workloads', 'programs, ring 3', 'cint:compute programs', 'dom0/init:init', 'dom0/xl:xl, the control program', 'dom0/xl/devices:its devices',
        'dom0/commands:what xl shows', 'dom0/config:names, descriptions',
        'dom0/xend:xend', 'dom0/consoles:screens and keys', 'dom0/xend/store:the store'],
    ['guestos', 'the kernel, ring 1 or bare in ring 0', 'kernel:policy', 'sys:system calls', 'process:programs and threads',
        'signal:signals', 'time:timers', 'mm:memory', 'fs:files', 'block:disks', 'fs/ext2:ext2, ext3', 'fs/proc:/proc', 'fs/sysfs:/sys', 'trace:ptrace',
        'net:sockets and TCP', 'net/ip:interfaces, IP', 'ipc:System V, queues', 'event:epoll and its kind', 'drivers:terminals',
        'arch/x86:both ports', 'arch/xen:Xen port', 'arch/native:bare port'],
    ['hv', 'the hypervisor, ring 0', 'core:domains, BVT, hypercalls', 'mm:frames, page tables', 'arch:traps, processors',
        'dev:devices', 'io:virtual disks', 'lib:text'],
    ['sim', 'the machine', 'cli:commands', 'run:measured copies', 'step:who steps', 'inspect:what is shown', 'view:terminal and window', 'gdb:its remote protocol', 'trace:who did what when', 'profile:where cycles went', 'watch:who looks on', 'lab:experiments', 'gate:benchmarks',
        'db:results in SQLite', 'load:images', 'machine:memory, clock, wiring',
        'dev:devices', 'net:wire, far end, captures', 'account:who is charged', 'state:saved states'],
    ['cpu', 'one processor', 'x86:the architecture', 'engine:the library within', 'model:caches and TLBs',
        'costs:cycles', 'saved:state by name'],
);

my (%label, %edge);
for my $room (@rooms) {
    my ($name, undef, @folders) = @$room;
    for (@folders) {
        my ($folder, $what) = split /:/;
        die "house.pl: no folder $name/$folder\n" unless -d "$name/$folder";
        $label{"$name/$folder"} = $what;
    }
}

# The folder that a path is drawn as: the longest one listed, or its program's contract.
sub folder_of {
    my ($path) = @_;
    while ($path =~ s{/[^/]*$}{}) {
        return $path if $label{$path};
    }
    return $path;
}

chomp(my @files = `tests/lint/files '*.c' '*.h' '*.S'`);
for my $path (grep { !m{^(?:tests|include)/} && -f } @files) {
    my $from = folder_of($path);
    open my $in, '<', $path or die "$path: $!\n";
    while (<$in>) {
        next unless m{^\s*#\s*include\s+"((?:cpu|sim|hv|guestos|workloads)/[^"]+)"};
        my $to = folder_of($1);
        $edge{$from}{$to}++ if $from ne $to && $label{$from} && $label{$to};
    }
}

# How many folders of the same program include each, and how many there are.
my (%users, %siblings, %common);
for my $from (keys %edge) {
    $users{$_}++ for grep { (split m{/})[0] eq (split m{/}, $from)[0] } keys %{ $edge{$from} };
}
$siblings{ (split m{/})[0] }++ for keys %label;
for (keys %users) {
    my $others = $siblings{ (split m{/})[0] } - 1;
    $common{$_} = 1 if $others > 4 && 2 * $users{$_} > $others;
}

print qq~digraph house {\n  rankdir=TB; newrank=true; compound=true; nodesep=0.15; ranksep=0.35; splines=true;\n~,
  qq~  graph [fontname="DejaVu Sans", fontsize=13]; node [fontname="DejaVu Sans", fontsize=10, shape=box,\n~,
  qq~    style="filled,rounded", fillcolor="#ffffff", color="#5b6770", margin="0.08,0.04"];\n~,
  qq~  edge [color="#8a949c", arrowsize=0.5];\n~;
my %colour = (workloads => '#fdf1dc', guestos => '#e6f2e6', hv => '#e3ecf8', sim => '#f3e9f6', cpu => '#f6e6e6');
for my $room (@rooms) {
    my ($name, $what, @folders) = @$room;
    print qq~  subgraph "cluster_$name" {\n    label="$name/  $what"; style=filled; color="$colour{$name}";\n~;
    for (@folders) {
        my ($folder, $about) = split /:/;
        my $border = $common{"$name/$folder"} ? ', penwidth=2.5' : '';
        print qq~    "$name/$folder" [label="$folder\\n$about"$border];\n~;
    }
    print "  }\n";
}
for my $from (sort keys %edge) {
    print qq~  "$from" -> "$_";\n~ for grep { !$common{$_} } sort keys %{ $edge{$from} };
}
# The contracts between the programs keep them in their order.
print qq~  "workloads/dom0/xl" -> "guestos/sys" [style=dashed, label="1 system calls", fontsize=9];\n~,
  qq~  "guestos/arch/xen" -> "hv/core" [style=dashed, label="2 hypercalls", fontsize=9];\n~,
  qq~  "hv/arch" -> "sim/cli" [style=dashed, label="3 x86 and devices", fontsize=9];\n~,
  qq~  "sim/machine" -> "cpu/x86" [style=dashed, label="4 cpu.h", fontsize=9];\n~, "}\n";
