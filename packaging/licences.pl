#!/usr/bin/perl
# Prints the licences of the crates that are linked into what a package is built to.
#
#   packaging/licences.pl [--manifest-path FILE] PACKAGE
#
# A list of the crates comes first, then each text once, with the crates that it is of. Texts
# are the files that a crate brings; for one that brings none, that of the licence which its
# Cargo.toml names, from packaging/licences. A crate with neither is an error: its licence asks
# to be passed on, and there is nothing to pass on. One Cargo.lock gives one output.
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA qw(sha256);
use File::Basename qw(basename dirname);
use JSON::PP qw(decode_json);

my $texts = dirname(abs_path(__FILE__)) . '/licences';
my @manifest;
@manifest = ('--manifest-path', (shift, shift)[1]) if @ARGV && $ARGV[0] eq '--manifest-path';
my $package = shift // die "usage: licences.pl [--manifest-path FILE] PACKAGE\n";

sub output { # COMMAND...
    open my $from, '-|', @_ or die "licences.pl: $_[0]: $!\n";
    local $/;
    my $output = <$from>;
    close $from or die "licences.pl: @_ failed\n";
    return $output;
}

sub contents { # FILE, in UTF-8 and with one kind of line end
    open my $from, '<:raw', $_[0] or die "licences.pl: $_[0]: $!\n";
    local $/;
    my $text = <$from> // '';
    $text =~ s/^\xef\xbb\xbf//;
    utf8::encode($text) unless utf8::decode(my $copy = $text);
    $text =~ s/\r\n?/\n/g;
    $text =~ s/[ \t]+$//gm;
    $text =~ s/\A\n+|\s+\z//g;
    return "$text\n";
}

# The standard texts that a licence expression asks for; none when one is missing here.
sub standard { # EXPRESSION
    my @files;
    for my $part (split / AND /, $_[0]) {
        $part =~ s/[()]//g;
        my ($file) = grep { -e } map { "$texts/$_.txt" } split m{ OR |/}, $part;
        return unless $file;
        push @files, $file;
    }
    return @files;
}

my ($host) = output('rustc', '-vV') =~ /^host: (.+)$/m;
my $metadata = decode_json(output(qw(cargo metadata --locked --format-version 1), '--filter-platform', $host, @manifest));
my %ours = map { $_ => 1 } @{ $metadata->{workspace_members} };
my %crates = map { ("$_->{name} v$_->{version}" => $_) } @{ $metadata->{packages} };

# Macros run in the compiler, and no part of them is shipped.
my @tree = output(qw(cargo tree --locked --edges), 'normal,no-proc-macro', qw(--prefix none --format {p}),
    '--target', $host, '--package', $package, @manifest) =~ /^(\S+ v\S+)/gm;
my %linked = map { $_ => 1 } @tree;
my (@list, %of, @missing);
for my $name (sort keys %linked) {
    my $crate = $crates{$name} // die "licences.pl: cargo metadata does not know $name\n";
    next if $ours{ $crate->{id} };
    my $directory = dirname($crate->{manifest_path});
    utf8::encode($directory);
    my $licence = $crate->{license} // '';
    opendir my $in, $directory or die "licences.pl: $directory: $!\n";
    my @files = map { "$directory/$_" } grep { /^(licen[cs]e|unlicense|copying|copyright|notice)/i } sort readdir $in;
    push @files, "$directory/$crate->{license_file}" if $crate->{license_file};
    my %seen;
    @files = grep { -f && !$seen{ abs_path($_) }++ } map { -d $_ ? sort(glob "'$_'/*") : $_ } @files;
    my $note = '';
    if (!@files) {
        @files = standard($licence);
        my $authors = join ', ', @{ $crate->{authors} };
        utf8::encode($authors);
        $note = ', which brings no text of it; its authors: ' . ($authors || "those of $crate->{name}");
    }
    if (!@files) {
        push @missing, sprintf '%s (%s)', $name, $licence || 'no licence named';
        next;
    }
    push @list, sprintf "%s  %s\n", $name, $licence || 'see below';
    for my $file (@files) {
        my $text = contents($file);
        # Crates break and indent the lines of one text in many ways.
        my $key = sha256(lc join ' ', split ' ', $text);
        $of{$key} //= { text => $text, crates => [] };
        my $what = $note ? "$name$note" : sprintf '%s: %s', $name, basename($file);
        push @{ $of{$key}{crates} }, $what;
    }
}
die "licences.pl: no licence text comes with, and packaging/licences has none for:\n", map({ "  $_\n" } @missing) if @missing;

my $line = '-' x 78 . "\n";
print "Crates that are linked into $package, with the licence that each names itself:\n\n", @list;
print "\nThe source of each is https://static.crates.io/crates/NAME/NAME-VERSION.crate.\n";
print "\nRust's standard library is linked in too: Copyright (c) The Rust Project\n",
    "contributors, MIT OR Apache-2.0.\n";
for my $of (sort { $a->{crates}[0] cmp $b->{crates}[0] || $a->{text} cmp $b->{text} } values %of) {
    print "\n$line", map({ "$_\n" } @{ $of->{crates} }), "$line\n", $of->{text};
}
