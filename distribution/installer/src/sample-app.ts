/**
 * The sample app of the README: a web page served by two instances on two machines. It is written in Perl
 * because every Debian and Ubuntu has that one (perl-base is essential there), wherever the checkout lies.
 */
export const sampleApp = {
  id: "/hello",
  cmd: `exec perl -e '
use IO::Socket::INET;
$| = 1;
my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT0}, Listen => 64, ReuseAddr => 1) or die "port: $!";
$SIG{CHLD} = "IGNORE";
print "hello serves http://$ENV{HOST}:$ENV{PORT0}/\\n";
while (1) {
  my $client = $server->accept or next;
  if (fork) { close $client; next }
  alarm 10;
  while (defined(my $line = <$client>)) { last if $line =~ /^\\r?\\n/ }
  my $page = "<!doctype html><title>Tutti</title><h1>Hello from Tutti</h1><p>$ENV{MESOS_TASK_ID} on $ENV{HOST}</p>\\n";
  print $client "HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nConnection: close\\r\\nContent-Length: " . length($page) . "\\r\\n\\r\\n$page";
  exit;
}'`,
  cpus: 0.1,
  mem: 32,
  instances: 2,
  constraints: [["hostname", "UNIQUE"]],
  healthChecks: [
    {
      protocol: "MESOS_HTTP",
      path: "/",
      portIndex: 0,
      gracePeriodSeconds: 10,
      intervalSeconds: 1,
      timeoutSeconds: 5,
      maxConsecutiveFailures: 3,
      delaySeconds: 0,
    },
  ],
  portDefinitions: [{ port: 0, protocol: "tcp", name: "web" }],
} as const;
