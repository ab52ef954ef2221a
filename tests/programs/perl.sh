# perl: its modules, forks, signals, sockets, sorting, hashes, regular expressions, numbers.
# guests: riscv64 aarch64
set -eu
cat > t.pl <<'P'
use strict; use warnings; use Test::More; use POSIX; use List::Util qw(sum shuffle); use Storable;
use Digest::SHA qw(sha256_hex); use Encode; use Time::HiRes; use Socket; use threads; use Math::BigInt;
use File::Temp; use IO::Select; use Data::Dumper; use MIME::Base64; use Compress::Zlib;
is(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
my %h; $h{$_ % 97} += $_ for 1 .. 100000; is(sum(values %h), 5000050000);
is(scalar(() = ("abc" x 1000) =~ /b(?=c)/g), 1000);
is(sprintf("%.15g %.17g %e", exp(1), 0.1, 1e-300), "2.71828182845905 0.10000000000000001 1.000000e-300");
is_deeply([sort { $a <=> $b } shuffle(1 .. 5000)], [1 .. 5000]);
my $pid = fork; POSIX::_exit(3) if !$pid; waitpid $pid, 0; is($? >> 8, 3);
my $n = 0; { local $SIG{ALRM} = sub { $n++; die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 5; }; is($@, "alarm\n"); }
socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0); syswrite $a, "hi"; sysread $b, my $got, 10; is($got, "hi");
is(join(",", map { $_->join } map { my $i = $_; threads->create(sub { my $s = 0; $s += $_ for 1 .. $i * 1000; $s }) } 1 .. 4), "500500,2001000,4501500,8002000");
is(Math::BigInt->new(2)->bpow(200)->bstr, "1606938044258990275541962092341162602522202993782792835301376");
is(decode("UTF-8", encode("UTF-8", "\x{1F600}\x{e9}")), "\x{1F600}\x{e9}");
is(uncompress(compress("x" x 100000)), "x" x 100000);
is_deeply(Storable::thaw(Storable::freeze({ a => [1, { b => 2 }] })), { a => [1, { b => 2 }] });
is(`echo out; exit 2`, "out\n"); is($? >> 8, 2);
done_testing;
P
perl t.pl
