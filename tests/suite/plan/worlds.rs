//! The files that scenarios begin with.

/// One CA, two hosts, one rule.
pub(crate) const ONE: &str = "
owner: platform
zones: [example.com, example.net]
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.example.com, pay.example.com] }
rules:
  - name: require-certificate
";

/// A fleet in the middle of its rotation, and partners with hosts of their own in two zones.
pub(crate) const TWO: &str = "
owner: platform
zones: [example.com, example.net]
cas:
  - { name: fleet-2025, certificates: fleet-2025.pem }
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: partners, certificates: partners.pem }
hostnames:
  - { name: public-api, cas: [fleet-2025, fleet-2026], hosts: [api.example.com, pay.example.com] }
  - { name: partner-api, cas: [partners], hosts: [edi.example.com, edi.example.net] }
rules:
  - name: require-certificate
";

/// Two rules that share no host.
pub(crate) const SPLIT: &str = "
owner: platform
zones: [example.com]
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.example.com, pay.example.com] }
  - { name: inner-api, cas: [fleet-2026], hosts: [bus.example.com, log.example.com] }
rules:
  - name: public
    hostnames: [api.example.com, pay.example.com]
  - name: inner
    hostnames: [bus.example.com, log.example.com]
    response: { status: 401, content_type: text/plain, content: 'certificate required' }
";

/// A host whose clients come with certificates of the managed CA, too.
pub(crate) const MANAGED: &str = "
owner: platform
zones: [example.com]
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: cloudflare-managed, key_ids: [A5AC554235DBA6D963B9CDE0185CFAD6E3F55E9F] }
hostnames:
  - { name: public-api, cas: [fleet-2026, cloudflare-managed], hosts: [api.example.com] }
rules:
  - name: require-certificate
";
