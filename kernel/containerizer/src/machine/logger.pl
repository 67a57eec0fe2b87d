#!/usr/bin/perl
# Writes the output of one container to `stdout` and `stderr` of its sandbox, both bounded: when a file is
# full it becomes `stdout.1`, what was `stdout.1` becomes `stdout.2`, and the oldest is removed. It lives as
# long as somebody can write, with the rights of the task's user, and needs no agent.
#
#   logger.pl DIR start COMMAND ARGUMENT…   runs COMMAND, whose output it writes
#   logger.pl DIR attach PID                takes over from a logger that died; the output of process PID, which
#                                           the task's user may have changed, is its own, too
#   logger.pl DIR trust PID                 the same for a process that the task's user cannot change
#
# DIR/logger tells, one a line: the sandbox, UID:GID:GROUPS or `-`, the bytes and the number of files of
# stdout, those of stderr. DIR/logger.pid gets pid and start time. No modules are loaded, each would cost
# more memory than all of this (not even strict and warnings: a test compiles it with both). `launcher.pl` of the OCI
# side loads this file and forks loggers of its own.

our ($interrupted, $diskFull, $quotaReached) = (4, 28, 122);
our $chunkBytes = 16_384;

sub main {
  my ($dir, $mode, @rest) = @ARGV;
  my $logger = new_logger($dir);
  note_logger($dir, $$);
  if ($mode eq 'start') {
    my $writers = open_pipes($logger);
    my $child = fork() // die "cannot fork: $!\n";
    become_command($writers, @rest) if $child == 0;
  } elsif ($mode eq 'trust') {
    take_over($logger, $rest[0]);
  }
  for my $inherited (3, 4) {
    next if grep { $_->{pipe} && fileno($_->{pipe}) == $inherited } @{$logger->{streams}};
    my $handle;
    close $handle if open($handle, '<&=', $inherited);
  }
  run_logger($logger, $mode eq 'attach' ? $rest[0] : undef);
}

# What DIR/logger says.
sub new_logger {
  my ($dir) = @_;
  open(my $orders, '<', "$dir/logger") or die "cannot read $dir/logger: $!\n";
  chomp(my ($sandbox, $as, $outBound, $errBound) = <$orders>);
  my @streams = (stream('stdout', $outBound), stream('stderr', $errBound));
  return { dir => $dir, sandbox => $sandbox, as => $as, streams => \@streams };
}

# Makes both pipes and returns their ends to write.
sub open_pipes {
  my ($logger) = @_;
  return [map { open_pipe($_, $logger->{as}) } @{$logger->{streams}}];
}

# Whoever has the ends to write becomes the command; says on the old standard error why it cannot.
sub become_command {
  my ($writers, @command) = @_;
  # A shell's background job ignores these; a task must not inherit that.
  $SIG{$_} = 'DEFAULT' for qw(INT QUIT CHLD PIPE);
  open(STDOUT, '>&', $writers->[0]) or die "cannot hand on the output: $!\n";
  open(my $words, '>&', \*STDERR);
  open(STDERR, '>&', $writers->[1]) or die "cannot hand on the output: $!\n";
  exec { $command[0] } @command or print $words "cannot execute $command[0]: $!\n";
  exit 127;
}

# Writes until nobody can write into the pipes any more, those of process `$from` when it is given. Never returns.
sub run_logger {
  my ($logger, $from) = @_;
  my ($dir, $sandbox, $as, $streams) = @$logger{qw(dir sandbox as streams)};
  $SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM PIPE CHLD);
  chdir $sandbox or die "cannot enter $sandbox: $!\n";
  become($as) if $as ne '-';
  take_over($logger, $from) if defined $from;
  $0 = "tutti-logger $dir";
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>', '/dev/null');
  open(STDERR, '>', '/dev/null');
  pump(@$streams);
  exit 0;
}

sub stream {
  my ($name, $bound) = @_;
  my ($bytes, $files) = split / /, $bound;
  return { name => $name, bytes => $bytes, files => $files, size => 0, midLine => 0, lost => 0 };
}

# Opens a pipe of which the stream reads; returns the end to write.
# It can be read as well: the death of a logger is no SIGPIPE for whoever writes, and what stands in the pipe
# waits for the next logger.
sub open_pipe {
  my ($stream, $as) = @_;
  pipe(my $read, my $write) or die "cannot make a pipe: $!\n";
  open(my $both, '+<', '/proc/self/fd/' . fileno($read)) or die "cannot open a pipe twice: $!\n";
  close $write;
  # So that the task can open its own output by name (/dev/stdout).
  chown $1, $2, $both if $as =~ /^(\d+):(\d+):/;
  $stream->{pipe} = $read;
  return $both;
}

sub take_over {
  my ($logger, $pid) = @_;
  for my $i (0, 1) {
    my $path = "/proc/$pid/fd/" . ($i + 1);
    exit 1 if !-p $path || !open($logger->{streams}[$i]{pipe}, '<', $path);
  }
}

# Whoever waits for the last output waits for this process: it is known before the command can end.
sub note_logger {
  my ($dir, $pid) = @_;
  open(my $stat, '<', "/proc/$pid/stat") or die "cannot read /proc/$pid/stat: $!\n";
  my $line = <$stat>;
  my @fields = split / /, substr($line, rindex($line, ')') + 2);
  open(my $note, '>', "$dir/logger.pid.tmp") or die "cannot write $dir/logger.pid: $!\n";
  print $note "$pid $fields[19]\n";
  close $note and rename "$dir/logger.pid.tmp", "$dir/logger.pid" or die "cannot write $dir/logger.pid: $!\n";
}

# For good: setting the real ids last makes the kernel copy the effective ones into the saved ones.
sub become {
  my ($uid, $gid, $groups) = split /:/, $_[0], 3;
  $) = join ' ', $gid, $gid, split(/,/, $groups);
  $( = $gid;
  $> = $uid;
  $< = $uid;
  die "cannot become user $uid: $!\n" if $< != $uid || $> != $uid || $( != $gid;
}

sub pump {
  my @streams = @_;
  my $open = @streams;
  while ($open > 0) {
    my $wanted = '';
    vec($wanted, fileno($_->{pipe}), 1) = 1 for grep { $_->{pipe} } @streams;
    next if select(my $ready = $wanted, undef, undef, undef) < 1;
    for my $stream (grep { $_->{pipe} && vec($ready, fileno($_->{pipe}), 1) } @streams) {
      my $bytes = sysread($stream->{pipe}, my $chunk, $chunkBytes);
      next if !defined $bytes && $! == $interrupted;
      if ($bytes) {
        take($stream, $chunk);
      } else {
        close $stream->{pipe};
        $stream->{pipe} = undef;
        $open -= 1;
        tell_loss($stream);
      }
    }
  }
}

# Writes a chunk, cut where the file is full: after a line when there is one, and never beyond the bound.
sub take {
  my ($stream, $chunk) = @_;
  tell_loss($stream);
  while (length $chunk > 0) {
    my $room = open_file($stream) ? $stream->{bytes} - $stream->{size} : length $chunk;
    my $fits = length $chunk;
    if ($fits > $room) {
      my $line = $room > 0 ? rindex($chunk, "\n", $room - 1) + 1 : 0;
      $fits = $line > 0 ? $line : $stream->{midLine} || $stream->{size} == 0 ? $room : 0;
    }
    put($stream, substr($chunk, 0, $fits, '')) if $fits > 0;
    rotate($stream) if length $chunk > 0;
  }
}

# Tells in the file itself what a full disk has cost, as soon as there is room again.
sub tell_loss {
  my ($stream) = @_;
  return if $stream->{lost} == 0 || !open_file($stream);
  my $note = ($stream->{midLine} ? "\n" : '') . "[$stream->{lost} bytes of output were lost: $stream->{why}]\n";
  rotate($stream) if $stream->{size} + length $note > $stream->{bytes};
  my $lost = $stream->{lost};
  $stream->{lost} = 0;
  put($stream, $note);
  # The note itself did not fit: what it told is still to be told.
  $stream->{lost} = $lost if $stream->{lost} > 0;
}

# Writes to the open file. A full disk costs the oldest files of the stream first, then what is to be written.
sub put {
  my ($stream, $text) = @_;
  while (length $text > 0) {
    my $bytes = open_file($stream) ? syswrite($stream->{file}, $text) : undef;
    if (defined $bytes) {
      $stream->{size} += $bytes;
      $stream->{midLine} = substr($text, $bytes - 1, 1) ne "\n";
      substr($text, 0, $bytes, '');
    } elsif ($stream->{file} && $! == $interrupted) {
      next;
    } else {
      my $full = $! == $diskFull || $! == $quotaReached;
      $stream->{why} = "$!";
      next if $full && remove_oldest($stream);
      $stream->{lost} += length $text;
      return;
    }
  }
}

# Whether the stream has an open file. Something else in its place (a pipe, a directory) is put aside.
sub open_file {
  my ($stream) = @_;
  return 1 if $stream->{file};
  my $name = $stream->{name};
  unlink $name if -l $name || (-e _ && !-f _);
  open(my $file, '>>', $name) or return $stream->{why} = "$!", 0;
  $stream->{file} = $file;
  $stream->{size} = -s $file;
  return 1;
}

# Begins a new file. There is no moment at which a reader finds none.
sub rotate {
  my ($stream) = @_;
  my ($name, $files) = @$stream{qw(name files)};
  for my $number (reverse 1 .. $files - 2) {
    rename "$name.$number", "$name." . ($number + 1);
  }
  unlink "$name.1", ".$name.new";
  link $name, "$name.1" if $files > 1;
  if (open(my $fresh, '>>', ".$name.new") and rename ".$name.new", $name) {
    close $stream->{file};
    $stream->{file} = $fresh;
  } else {
    # No file can be made any more: the one there is stays, but not what is in it.
    unlink "$name.1";
    truncate $stream->{file}, 0;
  }
  $stream->{size} = 0;
}

sub remove_oldest {
  my ($stream) = @_;
  for my $number (reverse 1 .. $stream->{files} - 1) {
    return 1 if unlink "$stream->{name}.$number";
  }
  return 0;
}

main() unless caller;
1;
