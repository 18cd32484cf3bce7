"""Names of a region's API: its own one, and the one that it shares with the other regions."""

from dataclasses import dataclass

from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct
from constructs.ground.http_api import HttpApi


@dataclass(frozen=True, kw_only=True)
class RegionalNameProps:
    """name: that leads to this region and no other. shared: None, if the regions share none. zone_id,
    zone_name: of a public hosted zone of the account.
    """

    api: HttpApi
    name: str
    shared: str | None
    zone_id: str
    zone_name: str


class RegionalName(Construct):
    """A certificate of this region, which Route 53 vouches for, and TLS 1.2 at least. Where the shared name
    leads is decided elsewhere; here the API only answers to it.
    """

    def __init__(self, scope: Construct, construct_id: str, props: RegionalNameProps) -> None:
        super().__init__(scope, construct_id)
        self.url = f"https://{props.name}"
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=props.zone_id, zone_name=props.zone_name
        )
        certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=props.name,
            subject_alternative_names=[props.shared] if props.shared else None,
            validation=acm.CertificateValidation.from_dns(zone),
        )
        own = self._answering("Own", props.name, certificate, props.api)
        if props.shared:
            self._answering("Shared", props.shared, certificate, props.api)
        route53.CfnRecordSet(
            self,
            "Record",
            hosted_zone_id=props.zone_id,
            name=f"{props.name}.",
            type="A",
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=own.regional_domain_name, hosted_zone_id=own.regional_hosted_zone_id
            ),
        )

    def _answering(
        self, construct_id: str, name: str, certificate: acm.ICertificate, api: HttpApi
    ) -> gateway.DomainName:
        domain = gateway.DomainName(
            self,
            construct_id,
            domain_name=name,
            certificate=certificate,
            endpoint_type=gateway.EndpointType.REGIONAL,
            security_policy=gateway.SecurityPolicy.TLS_1_2,
        )
        gateway.ApiMapping(self, f"{construct_id}Mapping", api=api.api, domain_name=domain, stage=api.stage)
        return domain
