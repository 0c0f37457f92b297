# SPDX-License-Identifier: GPL-2.0-only
#
# Machine.pm - for experiments on networks: run a command, read results, keep files
package Machine;
use strict;
use warnings;
use JSON::PP;
use Exporter 'import';
our @EXPORT = qw(contents start_logged wait_logged run_logged result keep paper_rows distance);

sub contents { my ($name) = @_; local $/; open my $f, '<', $name or die "$name: $!\n"; return <$f> }

# Starts WORDS with both outputs in the file LOG.
sub start_logged {
    my ($log, @words) = @_;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $log or die "$log: $!\n";
        open STDERR, '>&', \*STDOUT;
        exec @words or die "$words[0]: $!\n";
    }
    return { pid => $pid, log => $log, words => "@words" };
}

# Waits for it; dies, naming the log, if it failed.
sub wait_logged {
    my ($run) = @_;
    waitpid $run->{pid}, 0;
    die "$run->{words}: failed; see $run->{log}\n" if $?;
}

sub run_logged { my ($log, @words) = @_; wait_logged(start_logged($log, @words)) }

# A result file; dies if one of its cross-checks does not hold.
sub result {
    my ($name) = @_;
    my $result = decode_json(contents($name));
    for my $check (@{ $result->{checks} }) {
        die "$name: $check->{name} does not hold\n" if defined $check->{holds} && !$check->{holds};
    }
    return $result;
}

# Writes OUT/NAME.KIND for each kind.
sub keep {
    my ($out, $name, %file) = @_;
    for my $kind (keys %file) {
        open my $f, '>', "$out/$name.$kind" or die "$out/$name.$kind: $!\n";
        print $f $file{$kind};
        close $f or die "$out/$name.$kind: $!\n";
    }
}

# The rows of a CSV file of paper/, each by column.
sub paper_rows {
    my ($name) = @_;
    my @lines = grep { !/^#/ && /\S/ } split /\n/, contents("paper/$name.csv");
    my @columns = split /,/, shift @lines;
    return map { my %row; @row{@columns} = split /,/; \%row } @lines;
}

sub distance { my ($ours, $paper) = @_; return sprintf '%+.0f %%', 100 * ($ours / $paper - 1) }

1;
