/** What the engine makes of resources: subnets show in their network, floating ips in their router. */
export type EngineKind = 'network' | 'port' | 'securityGroup' | 'router';
