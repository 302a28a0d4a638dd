"""Sessions of programs, wrong passwords, and what a change came through."""

import django.db.models.deletion
import django.utils.timezone
import tokenx.org.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0003_metadata_files'),
    ]

    operations = [
        migrations.CreateModel(
            name='LoginFailure',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField(default=0)),
                ('last_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('closed_until', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name='auditentry',
            name='context',
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('token_hash', models.CharField(editable=False, max_length=64)),
                ('last_letters', models.CharField(editable=False, max_length=4)),
                ('context', models.CharField(choices=[('setup', 'API Access page'), ('login', 'API login'), ('command', 'access_token command')], max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('expires_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('org', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='org.org')),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['org', 'user', 'created_at', 'id'], name='access_token_by_date')],
                'constraints': [models.UniqueConstraint(fields=('org', 'token_hash'), name='access_token_hash'), tokenx.org.constraints.SameOrg(field='user', name='access_token_user_in_org'), tokenx.org.constraints.SameOrg(field='created_by', name='access_token_created_by_in_org')],
            },
        ),
    ]
