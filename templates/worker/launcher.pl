# Starts programs for a worker, one at a time: requests on stdin, answers on descriptor 3. It knows nothing of jobs.
# A request is its length (32 bit, big-endian) and as many strings, each after its length: directory, file, number of arguments,
# arguments, environment pairs. Answers are lines: `ready` once; `started PID` and then `ended STATUS` (of waitpid), or `failed ERRNO`.
use strict;
my @signals = qw(INT TERM HUP PIPE);
$SIG{$_} = 'IGNORE' for @signals;
open my $answers, '>&=', 3 or exit 1;
sub answer { syswrite $answers, "@_\n" }
sub take {
  my ($size, $bytes) = (shift, '');
  while (length $bytes < $size) { sysread STDIN, $bytes, $size - length $bytes, length $bytes or exit }
  return $bytes;
}
answer 'ready';
while (1) {
  my ($directory, $file, $count, @rest) = unpack '(N/a*)*', take(unpack 'N', take(4));
  my @argv = splice @rest, 0, $count;
  # Closed by exec: whatever comes through it says why there was none.
  pipe my $failure, my $fail;
  my $pid = fork;
  if (defined $pid && $pid == 0) {
    setpgrp 0, 0;
    $SIG{$_} = 'DEFAULT' for @signals;
    open STDIN, '<', '/dev/null';
    while (my ($name, $value) = splice @rest, 0, 2) { $ENV{$name} = $value }
    chdir $directory and exec { $file } @argv;
    syswrite $fail, $! + 0;
    kill 'KILL', $$;
  }
  my $errno = defined $pid ? '' : $! + 0;
  close $fail;
  sysread $failure, $errno, 16 if defined $pid;
  close $failure;
  answer 'started', $pid if $errno eq '';
  waitpid $pid, 0 if defined $pid;
  answer $errno eq '' ? ('ended', $?) : ('failed', $errno);
}
