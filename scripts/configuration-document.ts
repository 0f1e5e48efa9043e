import { ENVIRONMENT_VARIABLES } from '../source/cli/config/environment-variables.js';
import { SETTINGS } from '../source/cli/config/layers.js';

const settings = Object.entries(SETTINGS)
  .map(([name, setting]) => {
    const flag = 'flag' in setting ? `\`--${setting.flag}\`` : '–';
    return `| \`${name}\` | ${flag} | \`${setting.variable}\` | ${setting.does} (${setting.expects}) |`;
  })
  .join('\n');

const variables = ENVIRONMENT_VARIABLES.map(({ name, does }) => `| \`${name}\` | ${does} |`).join('\n');

/** docs/configuration.md: the example by hand, the tables from the registries. */
export const configurationDocument = (): string => `# Configuration

Nothing has to be configured: an environment that a NoETL server or \`psql\` works with is enough. A config file adds profiles, so that
\`noetl-console --profile prod\` is all that has to be typed.

Made by \`npm run configuration\` from \`source/cli/config/layers.ts\` and \`environment-variables.ts\`; edit those.

## The file

\`$XDG_CONFIG_HOME/noetl-console/config.yaml\`, else \`~/.config/noetl-console/config.yaml\`. \`noetl-console profiles\` lists its profiles,
\`noetl-console doctor\` says which layer each setting came from. Editors check it with \`config.schema.json\` of the package:

\`\`\`yaml
# yaml-language-server: $schema=/path/to/node_modules/noetl-console/config.schema.json
current: prod                # the profile without --profile; the environment counts before it

# Settings at the top hold for every profile; a profile can set them anew.
theme: dark                  # dark, light, high-contrast or none
view: stale                  # what the console opens with: active, stale, runaway, cancelled or all
stale_after: 10m             # how long an execution must be silent to be stale
time: local                  # local or utc
mouse: false                 # leave the mouse to the terminal, for selecting text
screen_reader: false         # true: plain text that a screen reader can follow
bell: true                   # ring the bell when a batch settles or more executions are stale
title: false                 # say so in the terminal's title too

keys:                        # by action; docs/keys.md lists the actions and their keys
  refresh: [X, f5]           # one key or several; they replace the old ones
  sort: y                    # two actions can swap their keys
  copy: s

profiles:
  prod:
    url: postgres://ops@db.internal:5432/noetl
    password_command: pass show noetl        # its first line is the password
    sslmode: verify-full
    sslrootcert: ~/.postgresql/prod-ca.crt
    color: red               # the profile's name in the header
    require_reason: true     # no cancel without a reason
    stale_after: 15m
    server: http://noetl.internal:8082       # the NoETL server, to cancel through it
    token_command: pass show noetl-token     # prints the server's bearer token
    via: api                 # how a cancel is written: auto, api or table
  look:
    host: replica.internal   # or parts instead of a url
    port: 5432
    user: noetl_reader
    database: noetl
    schema: noetl            # where NoETL's tables are
    read_only: true          # nothing is ever written
    query_role: noetl_query  # docs/security.md
  staging:
    service: noetl-staging   # a section of pg_service.conf
  local:
    host: localhost
    user: noetl
    password: noetl          # then the file must be yours alone: chmod 600
    database: noetl
    sslcert: ~/.postgresql/client.crt        # a client certificate and its key
    sslkey: ~/.postgresql/client.key
\`\`\`

An unknown name or a wrong value in the profile that is used is an error (exit 2) that names the line and the near name; elsewhere in the
file it is a warning. A file that holds a password and may be read by others is refused: \`chmod 600\` it. Passwords are better kept in
\`password_command\`, \`~/.pgpass\` or \`PGPASSWORD\`.

## What counts first

- The connection: \`--database-url\`, else \`--profile\` (or \`NOETL_CONSOLE_PROFILE\`), else the environment, else the file's \`current\` profile.
- A setting: the flag, else the environment, else the profile, else the file's top, else the default.
- \`read_only\` adds up: where one layer says so, no other takes it back.

## Settings

| in the file | flag | variable | does |
|---|---|---|---|
${settings}

## Environment variables

| variable | does |
|---|---|
${variables}
`;
