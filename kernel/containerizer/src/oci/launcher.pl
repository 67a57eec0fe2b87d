#!/usr/bin/perl
# The one process of an agent that calls the container runtime. It lives in a mount namespace of its own,
# where the machine's file system is bound once for all containers (and where, on a hybrid machine, the
# version 2 cgroup tree is covered, because crun refuses to work beside it). It reads orders from standard
# input, one a line, and answers on standard output, one a line, in any order:
#
#   launch TAG ID     →  TAG ok PID | TAG failed create CODE
#   exec TAG ID N     →  TAG exit CODE
#   delete TAG ID     →  TAG deleted CODE
#
# It ends when its standard input ends, that is, with the agent, and after the launches that are under way;
# containers, their supervisors and their loggers stay. The loggers are forks of this process, so that they
# share its memory and need not be loaded.
#
# usage: launcher.pl RUN_DIR RUNTIME HYBRID_MOUNT AGENT_PID CGROUP_PARENT MARK LOGGER RUNTIME_SCRIPT OWN_GROUP
# AGENT_PID tells a later agent whose launcher this is. OWN_GROUP: `cgroup.procs` of a group in which this process is
# anyway, or nothing.

my ($run, $runtime, $hybrid, undef, $parent, $mark, $loggerScript, $runtimeScript, $ownGroup) = @ARGV;
require $loggerScript;

my $interrupted = 4;
# Launches under way: what conmon says of each, by the descriptor it says it on.
my %launches;
# How many times more the lock of the control groups is taken beforehand, at most, and how often; see `touch_groups`.
my ($touches, $touchesMax, $touchSeconds) = (0, 12, 0.004);

prepare();
# An agent that died reads no answers: what is under way is brought to its end all the same.
$SIG{$_} = 'IGNORE' for qw(CHLD PIPE);
answer('ready');
serve();

sub prepare {
  if ($hybrid ne '') {
    must('umount', $hybrid);
    must('mount', '-t', 'tmpfs', '-o', 'size=4m,mode=755', 'tutti', $hybrid);
  }
  -d "$run/hostroot" or mkdir "$run/hostroot" or refuse("mkdir $run/hostroot");
  must('mount', '--rbind', '/', "$run/hostroot");
  must('mount', '--make-rslave', "$run/hostroot");
  cover_runtime() if $runtime =~ m{/crun$};
}

# So that no container can change it, crun binds itself read-only at each start and begins again from there. It spares
# itself that where it is bound so already and is told that this was on purpose.
sub cover_runtime {
  my $bound = "$run/crun";
  open(my $file, '>>', $bound) or return;
  return if system('mount', '--bind', $runtime, $bound) != 0;
  must('mount', '-o', 'remount,bind,ro', $bound);
  $runtime = $bound;
  $ENV{_LIBCONTAINER_CLONED_BINARY} = 1;
}

sub must {
  system(@_) == 0 or refuse("@_");
}

sub refuse {
  answer("unready $_[0]");
  exit 1;
}

# One write, so that answers of several processes do not mix.
sub answer {
  syswrite(STDOUT, "$_[0]\n");
}

# Reads orders and what supervisors say until there is nothing more to come.
sub serve {
  my ($rest, $isOpen) = ('', 1);
  while ($isOpen || %launches) {
    my $wanted = '';
    vec($wanted, fileno(STDIN), 1) = 1 if $isOpen;
    vec($wanted, $_, 1) = 1 for keys %launches;
    my $found = select(my $ready = $wanted, undef, undef, %launches && $touches > 0 ? $touchSeconds : undef);
    touch_groups() if $found == 0;
    next if $found < 1;
    for my $number (grep { vec($ready, $_, 1) } keys %launches) {
      listen_to($number);
    }
    next if !$isOpen || !vec($ready, fileno(STDIN), 1);
    my $bytes = sysread(STDIN, $rest, 65_536, length $rest);
    next if !defined $bytes && $! == $interrupted;
    $isOpen = 0 if !$bytes;
    while ($rest =~ s/^([^\n]*)\n//) {
      obey(split / /, $1);
    }
  }
}

sub obey {
  my ($order, $tag, @words) = @_;
  if ($order eq 'launch') {
    # A fault of one launch is its own.
    eval { launch($tag, @words); 1 } or failed($tag, $words[0], $@);
  } elsif ($order eq 'exec') {
    beside(\&execute, $tag, @words);
  } elsif ($order eq 'delete') {
    beside(\&delete_container, $tag, @words);
  }
}

# Moving a process into a control group needs a lock for which the kernel makes one wait until every processor has
# been elsewhere, 5 to 15 ms, unless somebody held it just before. The runtime will need it in a moment: we take it
# while conmon and the runtime are loaded, and again until the launch is over (a move to where we are changes nothing).
sub touch_groups {
  $touches -= 1;
  open(my $group, '>', $ownGroup) or return;
  syswrite($group, '0');
}

# Starts conmon, and a logger between its container and the sandbox.
sub launch {
  my ($tag, $id) = @_;
  my $dir = "$run/containers/$id";
  my $logger = new_logger($dir);
  my $writers = open_pipes($logger);
  my ($said, $say);
  {
    # conmon gets this descriptor by its number.
    local $^F = 1_000_000;
    pipe($said, $say) or die "cannot make a pipe: $!\n";
  }
  my $child = fork() // die "cannot fork: $!\n";
  if ($child == 0) {
    close $_->{said} for values %launches;
    close $said;
    chdir $dir;
    open(STDIN, '<', '/dev/null');
    open(STDERR, '>>', "$dir/runtime.log");
    $ENV{TUTTI_RUNTIME} = $runtime;
    $ENV{_OCI_SYNCPIPE} = fileno($say);
    eval { become_command($writers, conmon_command($id, $dir)) };
    print STDERR $@;
    exit 127;
  }
  close $say;
  close $_ for @$writers;
  my $loggerPid = fork() // die "cannot fork: $!\n";
  if ($loggerPid == 0) {
    close $_->{said} for values %launches;
    close $said;
    eval { run_logger($logger, undef) };
    exit 1;
  }
  note_logger($dir, $loggerPid);
  close $_->{pipe} for @{$logger->{streams}};
  $launches{fileno $said} = { tag => $tag, id => $id, said => $said, words => '' };
  # Several launches at once do it for each other.
  return if keys %launches > 1 || $ownGroup eq '';
  $touches = $touchesMax;
  touch_groups();
}

sub conmon_command {
  my ($id, $dir) = @_;
  return (
    qw(conmon --api-version 1), '-c', $id, '-u', $id, '-n', "$mark-$id", '-r', $runtimeScript,
    '--runtime-arg', "--root=$run/runtime", '--runtime-arg', "--log=$dir/runtime.log",
    '-b', $dir, '-p', "$dir/pid", '-P', "$dir/supervisor.pid", '--persist-dir', $dir,
    '--exit-dir', "$run/exits", qw(-l passthrough), '--socket-dir-path', "$run/sockets",
    qw(--log-level error --no-sync-log),
  );
}

# conmon says `{"data": PID}` in one line, or what went wrong, or nothing.
sub listen_to {
  my ($number) = @_;
  my $launch = $launches{$number};
  my $bytes = sysread($launch->{said}, $launch->{words}, 65_536, length $launch->{words});
  return if !defined $bytes && $! == $interrupted;
  return if $bytes && $launch->{words} !~ /\n/;
  delete $launches{$number};
  close $launch->{said};
  my ($tag, $id, $words) = @$launch{qw(tag id words)};
  if ($words =~ /"data":\s*([1-9]\d*)/) {
    note_started($id, $1) ? answer("$tag ok $1") : failed($tag, $id, "cannot note the start: $!\n");
  } else {
    failed($tag, $id, $words);
  }
}

sub failed {
  my ($tag, $id, $words) = @_;
  if (open(my $log, '>>', "$run/containers/$id/runtime.log")) {
    print $log $words;
    close $log;
  }
  answer("$tag failed create 1");
}

# Writes "PID STARTTIME SUPERVISOR" of the started container: with the start time a pid is never mistaken. In one
# write: whoever reads finds all of it or an empty file, that is, a launch that was cut short.
sub note_started {
  my ($id, $pid) = @_;
  my $dir = "$run/containers/$id";
  my $stat = slurp("/proc/$pid/stat");
  my @fields = split / /, substr($stat, rindex($stat, ')') + 2);
  my $startTicks = $fields[19] || 0;
  my $supervisor = slurp("$dir/supervisor.pid") || 0;
  $supervisor =~ s/\s+//g;
  open(my $note, '>', "$dir/started") or return 0;
  my $line = "$pid $startTicks $supervisor\n";
  return (syswrite($note, $line) || 0) == length $line;
}

sub slurp {
  my ($path) = @_;
  open(my $file, '<', $path) or return '';
  my $line = <$file>;
  return defined $line ? $line : '';
}

# Does something that takes its time in a process of its own, which answers by itself.
sub beside {
  my ($work, @words) = @_;
  my $child = fork();
  if (!defined $child) {
    answer("$words[0] failed fork 1");
  } elsif ($child == 0) {
    $SIG{$_} = 'DEFAULT' for qw(CHLD PIPE);
    close $_->{said} for values %launches;
    open(STDIN, '<', '/dev/null');
    eval { $work->(@words) };
    exit 0;
  }
}

sub execute {
  my ($tag, $id, $number) = @_;
  my $prefix = "$run/containers/$id/exec-$number";
  my $code = run_quietly("$prefix.err", $runtime, "--root=$run/runtime", "--log=$prefix.log", 'exec',
    '--process', "$prefix.json", '--pid-file', "$prefix.pid", $id);
  answer("$tag exit $code");
}

sub delete_container {
  my ($tag, $id) = @_;
  my $code = run_quietly('/dev/null', $runtime, "--root=$run/runtime", '--log=/dev/null', 'delete', '--force', $id);
  system('rm', '-rf', "$hybrid$parent/$id") if $hybrid ne '';
  answer("$tag deleted $code");
}

# Runs a program without output; returns its exit code, 128 + n after signal n.
sub run_quietly {
  my ($words, @command) = @_;
  my $child = fork();
  return 1 if !defined $child;
  if ($child == 0) {
    open(STDOUT, '>', '/dev/null');
    open(STDERR, '>', $words);
    exec { $command[0] } @command or exit 127;
  }
  waitpid($child, 0);
  return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}
