"""The retraining of one use case: from the database to a published generation."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.comparison.fragment import ComparisonProps
from constructs.comparison.fragment import compare_variants as compare_lists
from constructs.training import own_variant
from constructs.training.batch import write_audience
from constructs.training.campaign import Endings
from constructs.training.datasets import compare_datasets, extract_datasets, nothing_new
from constructs.training.publishing import MAP_LABEL, published
from constructs.training.role import WorkflowRoleProps, workflow_role
from constructs.training.side_by_side import SideBySideProps, ended, side_by_side, with_lists
from constructs.training.variant_run import VariantRunProps, variant_run
from constructs.training.workflow_props import TrainingWorkflowProps, dataset_arns, run_of, variants_of
from constructs.workflow.beginning import beginning
from constructs.workflow.failure import TRAINING_FAILED, FailurePathProps, FailureRoute, failure_path
from constructs.workflow.machine import WorkflowMachineProps, workflow_machine
from constructs.workflow.shards import label_of
from constructs.workflow.unnoticed_endings import Ending


class TrainingWorkflow(Construct):
    """One run at a time; any failure ends in one message, and leaves what is being served as it is.

    Raises: ValueError, unless there is a model of a variant.
    """

    def __init__(self, scope: Construct, construct_id: str, props: TrainingWorkflowProps) -> None:
        super().__init__(scope, construct_id)
        self.use_case = props.use_case
        self.variants = variants_of(props)
        if not self.variants:
            raise ValueError(f"{props.use_case}: a workflow trains a model, of one variant at least")
        self.variant = props.default or self.variants[0]
        self.role = self._role(props)
        machine = workflow_machine(
            self,
            WorkflowMachineProps(
                name=props.name,
                comment=f"Retrains {props.use_case} and publishes its recommendations",
                ending=Ending(
                    workflow=f"The training workflow of {props.use_case}",
                    use_case=props.use_case,
                    consequence="The recommendations being served stay as they are.",
                    remedy=TRAINING_FAILED,
                ),
                role=self.role,
                definition=self._definition(props),
                active=props.functions.active,
                teller=props.functions.tell_ending,
                dead_letters=props.dead_letters,
                total_hours=props.deadlines.total_hours,
                retain_logs=props.retain_logs,
            ),
        )
        self.log_group, self.state_machine = machine.log_group, machine.state_machine

    @property
    def arn(self) -> str:
        return self.state_machine.state_machine_arn

    def _role(self, props: TrainingWorkflowProps) -> iam.Role:
        model = props.model
        functions = list(props.functions.shared.values())
        if len(self.variants) > 1 and props.functions.compare_variants:
            functions.append(props.functions.compare_variants)
        for variant in props.engine:
            functions += props.functions.of_engine[props.use_case, variant].all.values()
        several = len(self.variants) > 1
        maps = [(own_variant.MAP_LABEL, variant) for variant in props.engine]
        maps += [(MAP_LABEL, variant) for variant in self.variants]
        return workflow_role(
            self,
            "Role",
            WorkflowRoleProps(
                machine_name=props.name,
                use_case=props.use_case,
                job_prefix=props.job_prefix,
                map_labels=tuple(label_of(label, variant, side_by_side=several) for label, variant in maps),
                dataset_arns=dataset_arns(props, model) if model else {},
                solution_arn=model.solution_arn if model else None,
                filter_arn=model.filter_arn if model else None,
                campaign_arn=props.campaign.arn if props.campaign else None,
                function_arns=tuple(function.arn for function in functions),
                passed_roles=(model.import_role, model.batch_role) if model else (),
                data=props.data,
                topic=props.topic,
            ),
        )

    def _definition(self, props: TrainingWorkflowProps) -> sfn.IChainable:
        """Built from the end to the beginning: each part is told what follows it."""
        runs = tuple(run_of(props, variant) for variant in self.variants)
        failures = failure_path(
            self,
            FailurePathProps(
                title=props.name,
                use_case=props.use_case,
                topic=props.topic.topic,
                consequences=runs[0].consequences if len(runs) == 1 else {},
            ),
        )
        extract = extract_datasets(
            self,
            props.sources,
            use_case=props.use_case,
            queries=props.functions.extract_dataset.function,
            files=props.functions.of_files.function,
            list_opt_outs=props.functions.list_opt_outs.function,
            then=self._alone(runs[0], failures)
            if len(runs) == 1
            else self._side_by_side(props, runs, failures),
            failures=failures,
        )
        return beginning(
            self,
            use_case=props.use_case,
            generation_days=props.generation_days,
            then=extract,
            failures=failures,
        )

    def _alone(self, run: VariantRunProps, failures: FailureRoute) -> sfn.IChainable:
        endings = Endings(
            published=published(self, use_case=self.use_case),
            unchanged=nothing_new(self, use_case=self.use_case),
        )
        beginnings = variant_run(self, run, then=endings, failures=failures)
        return compare_datasets(
            self,
            run.comparison,
            then=beginnings.new,
            unchanged=beginnings.unchanged,
            failures=failures,
        )

    def _side_by_side(
        self, props: TrainingWorkflowProps, runs: tuple[VariantRunProps, ...], failures: FailureRoute
    ) -> sfn.IChainable:
        several = SideBySideProps(
            title=props.name,
            use_case=props.use_case,
            variants=runs,
            write_input=lambda scope, failures: write_audience(
                scope,
                use_case=props.use_case,
                audience=props.audience,
                function=props.functions.write_batch_input.function,
                failures=failures,
            ),
            topic=props.topic.topic,
        )
        compare_variants = props.functions.compare_variants
        assert compare_variants
        compared = ComparisonProps(
            use_case=props.use_case,
            title=props.name,
            variants=with_lists(props.use_case, default=self.variant),
            limit=props.recommendations,
            thresholds=props.thresholds,
            function=compare_variants.function,
            topic=props.topic.topic,
        )
        end = ended(self, use_case=props.use_case)
        return side_by_side(self, several, then=compare_lists(self, compared, then=end), failures=failures)
