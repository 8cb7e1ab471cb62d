# Starts programs for a worker, one at a time: requests on stdin, answers on descriptor 3. It knows nothing of jobs.
# A request is its length (32 bit, big-endian) and as many bytes, strings with NUL between them: directory, file, number of arguments,
# arguments, environment pairs. Answers are lines: `ready` once; `started PID` unless it ends at once; `failed ERRNO` where exec
# could not; and at last `ended PID STATUS LEFT`: status of waitpid, and 1 where others of its group lived on and were sent SIGKILL.
# No modules, and little done between fork and exec: each page of memory there is and is touched is part of the price of a command.
my ($EPERM, $EINTR) = (1, 4);
# Caught and not ignored: exec gives programs the default back.
$SIG{$_} = sub { } for qw(INT TERM HUP PIPE);
pipe my $woken, my $wake;
$SIG{CHLD} = sub { syswrite $wake, '.' };
open my $answers, '>&=', 3 or exit 1;
open my $requests, '<&', 0 or exit 1;
open STDIN, '<', '/dev/null';
sub answer { syswrite $answers, "@_\n" }
sub take {
  my ($size, $bytes) = (shift, '');
  while (length $bytes < $size) { sysread $requests, $bytes, $size - length $bytes, length $bytes or $! == $EINTR or exit }
  return $bytes;
}
my ($soon, $watched) = (0.01, '');
vec($watched, fileno $woken, 1) = 1;
my %inherited = %ENV;
my %before;
answer 'ready';
while (1) {
  my ($directory, $file, $count, @rest) = split /\0/, take(unpack 'N', take(4)), -1;
  my @argv = splice @rest, 0, $count;
  # This process has the environment of its program; what the last one had of its own goes first.
  my %own = @rest;
  for (grep { !exists $own{$_} } keys %before) {
    if (exists $inherited{$_}) { $ENV{$_} = $inherited{$_} } else { delete $ENV{$_} }
  }
  %before = %own;
  while (my ($name, $value) = each %own) { $ENV{$name} = $value }
  my $pid = fork;
  if (!defined $pid) { answer 'failed', $! + 0; answer 'ended', 0, 0, 0; next }
  if ($pid == 0) {
    setpgrp 0, 0;
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
  my $status = $?;
  my $left = kill('KILL', -$pid) > 0 || $! == $EPERM ? 1 : 0;
  answer 'ended', $pid, $status, $left;
  sysread $woken, my $rest, 64;
}
