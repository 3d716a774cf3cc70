from django.db import migrations

# Who was there stood in the assessments alone.
FILL = """
INSERT INTO trainees_studyparticipant (study_id, member_id, organisation_id)
SELECT DISTINCT a.study_id, a.member_id, s.organisation_id
FROM trainees_assessment a JOIN trainees_study s ON s.id = a.study_id
"""


class Migration(migrations.Migration):
    dependencies = [("trainees", "0010_study_records")]

    operations = [migrations.RunSQL(FILL, "DELETE FROM trainees_studyparticipant")]
