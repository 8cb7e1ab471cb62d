# Starts programs for a worker, one at a time: requests on stdin, answers on descriptor 3. It knows nothing of jobs.
# A request is its length (32 bit, big-endian) and as many strings, each after its length: directory, file, number of arguments,
# arguments, environment pairs. Answers are lines: `ready` once; `started PID` unless it ends at once; `failed ERRNO` where exec
# could not; and at last `ended PID STATUS` (of waitpid).
use strict;
my @signals = qw(INT TERM HUP PIPE);
$SIG{$_} = 'IGNORE' for @signals;
pipe my $woken, my $wake;
$SIG{CHLD} = sub { syswrite $wake, '.' };
open my $answers, '>&=', 3 or exit 1;
sub answer { syswrite $answers, "@_\n" }
sub take {
  my ($size, $bytes) = (shift, '');
  while (length $bytes < $size) { sysread STDIN, $bytes, $size - length $bytes, length $bytes or $!{EINTR} or exit }
  return $bytes;
}
my ($soon, $watched) = (0.01, '');
vec($watched, fileno $woken, 1) = 1;
answer 'ready';
while (1) {
  my ($directory, $file, $count, @rest) = unpack '(N/a*)*', take(unpack 'N', take(4));
  my @argv = splice @rest, 0, $count;
  my $pid = fork;
  if (!defined $pid) { answer 'failed', $! + 0; answer 'ended', 0, 0; next }
  if ($pid == 0) {
    setpgrp 0, 0;
    $SIG{$_} = 'DEFAULT' for @signals, 'CHLD';
    open STDIN, '<', '/dev/null';
    while (my ($name, $value) = splice @rest, 0, 2) { $ENV{$name} = $value }
    chdir $directory and exec { $file } @argv;
    answer 'failed', $! + 0;
    kill 'KILL', $$;
  }
  # One answer is enough for what ends within 10 ms: each wakes the worker.
  if (!select my $ended = $watched, undef, undef, $soon) {
    # Here too: the group has to be there when the worker hears of it.
    setpgrp $pid, $pid;
    answer 'started', $pid;
  }
  1 until waitpid($pid, 0) == $pid;
  answer 'ended', $pid, $?;
  sysread $woken, my $rest, 64;
}
