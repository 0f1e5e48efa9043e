const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4_LOOPBACK = new RegExp(`^127(?:\\.${OCTET}){3}$`);

/**
 * Whether a host name or address (brackets allowed) is one that only this machine can reach: 127.0.0.0/8, ::1, and
 * `localhost`. A name is compared as a whole: `127.example.com` is somebody's server.
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || bare === '0:0:0:0:0:0:0:1' || IPV4_LOOPBACK.test(bare);
}
