import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

# Held in the database, since the application is whom the log is to be kept from.
# - The rights: insert and select. The triggers say the same again: a restored dump brings triggers along, and its
#   tables get the rights that `roles.sql` gives to new ones.
# - The owner of the table is let through: a foreign key's cascade runs as the owner, when an organization goes.
# - The search path is fixed: else a temporary table called pg_class would say who the owner is.
APPEND_ONLY = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'mentoring_auditevent'::regclass AND contype = 'f'
    LOOP
        EXECUTE format('ALTER TABLE mentoring_auditevent DROP CONSTRAINT %I', name);
    END LOOP;
END $$;
ALTER TABLE mentoring_auditevent ADD CONSTRAINT mentoring_auditevent_organization
    FOREIGN KEY (organization_id) REFERENCES mentoring_organization ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION mentoring_audit_append_only() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.at := clock_timestamp();
    NEW.number := NULL;
    NEW.hash := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_append_only BEFORE INSERT OR UPDATE OR DELETE ON mentoring_auditevent
    FOR EACH ROW EXECUTE FUNCTION mentoring_audit_append_only();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON mentoring_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION mentoring_audit_append_only();

-- Numbers and chains what was committed since, in the order of the ids; answers how many rows. One at a time for
-- an organization; whoever comes second has nothing to do. Run by the application, it works as the owner.
CREATE FUNCTION mentoring_seal_audit(organization bigint, at_most integer) RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event record;
    last bigint;
    previous bytea;
    sealed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('upward.audit', organization)) THEN
        RETURN 0;
    END IF;
    SELECT e.number, e.hash INTO last, previous FROM public.mentoring_auditevent e
        WHERE e.organization_id = organization AND e.number IS NOT NULL ORDER BY e.number DESC LIMIT 1;
    FOR event IN SELECT * FROM public.mentoring_auditevent e
        WHERE e.organization_id = organization AND e.number IS NULL ORDER BY e.id LIMIT at_most
    LOOP
        last := coalesce(last, 0) + 1;
        previous := sha256(coalesce(previous, ''::bytea) || convert_to(jsonb_build_array(
            last, event.id, event.organization_id, (extract(epoch FROM event.at) * 1000000)::bigint, event.action,
            event.user_id, event."by", event.object_type, event.object_id, event.object_label, event.data
        )::text, 'UTF8'));
        UPDATE public.mentoring_auditevent SET number = last, hash = previous WHERE id = event.id;
        sealed := sealed + 1;
    END LOOP;
    RETURN sealed;
END $$;

-- The roles are missing where somebody migrates a database of another make; the triggers hold there too.
DO $$
DECLARE role text;
BEGIN
    FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('upward_app', 'upward_system') LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON mentoring_auditevent FROM %I', role);
    END LOOP;
END $$;
"""
NOT_APPEND_ONLY = """
DROP TRIGGER audit_append_only ON mentoring_auditevent;
DROP TRIGGER audit_never_emptied ON mentoring_auditevent;
DROP FUNCTION mentoring_audit_append_only();
DROP FUNCTION mentoring_seal_audit(bigint, integer);
DO $$
DECLARE role text;
BEGIN
    FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('upward_app', 'upward_system') LOOP
        EXECUTE format('GRANT UPDATE, DELETE ON mentoring_auditevent TO %I', role);
    END LOOP;
END $$;
"""


def give_memberships_names(apps, schema_editor):
    memberships, users = apps.get_model("mentoring", "Membership"), apps.get_model("mentoring", "User")
    user = users.objects.filter(pk=OuterRef("user_id"))
    memberships.objects.filter(joined_at__isnull=False).update(name=Subquery(user.values("name")[:1]))
    memberships.objects.update(invited_email=Subquery(user.values("email")[:1]))


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0004_true_mail")]

    operations = [
        migrations.CreateModel(
            name="SignUpInvitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="membership",
            name="invited_email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="invited address"),
        ),
        migrations.AddField(
            model_name="membership",
            name="name",
            field=models.CharField(blank=True, max_length=120, verbose_name="name"),
        ),
        migrations.RunPython(give_memberships_names, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="auditevent", name="user"),
                migrations.AddField(
                    model_name="auditevent", name="user_id", field=models.BigIntegerField(null=True)
                ),
                migrations.AlterField(
                    model_name="auditevent",
                    name="organization",
                    field=models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="mentoring.organization",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="auditevent",
            name="number",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(model_name="auditevent", name="hash", field=models.BinaryField(null=True)),
        migrations.AlterField(
            model_name="auditevent",
            name="at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(number=None), fields=["organization", "id"], name="audit_not_sealed"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditevent",
            constraint=models.UniqueConstraint(fields=("organization", "number"), name="audit_number_once"),
        ),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    ]
